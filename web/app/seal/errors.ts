// The named refusals of BEK1; the same texts as in internal/seal/errors.go.

/** Reason is a stable code; docs/encryption.md § 12 lists where each arises and how it is shown. */
export type Reason =
  | "bad_encoding" | "bad_version" | "bad_key" | "bad_tag" | "bad_padding" | "too_long"
  | "bad_commit" | "bad_link" | "bad_own" | "bad_history" | "wrong_room" | "wrong_epoch" | "epoch_changed"
  | "wrong_sender" | "wrong_position" | "replayed" | "not_recipient" | "locked"
  | "unknown_recipient" | "expired_member" | "removed_member" | "wrong_team" | "unknown_state" | "rollback"
  | "bad_signature" | "not_signer" | "bad_member" | "broken_chain" | "no_signer"
  | "code_length" | "code_symbol" | "code_check" | "weak_iterations" | "no_wrap";

/** SealError is the only error this folder throws on purpose. */
export class SealError extends Error {
  readonly code: Reason;
  /** at is the index of the first bad state of a team chain, else undefined. */
  readonly at: number | undefined;

  constructor(code: Reason, at?: number) {
    super(at === undefined ? code : `team state ${at}: ${code}`);
    this.name = "SealError";
    this.code = code;
    this.at = at;
  }
}

/** refuse throws a SealError; its type lets it stand in an expression. */
export function refuse(code: Reason): never {
  throw new SealError(code);
}
