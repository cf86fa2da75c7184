package seal

// Error is a named refusal. Its text is stable snake_case: it is the reason code
// that clients show and log. Compare with errors.Is.
type Error string

// Error returns the stable reason code.
func (e Error) Error() string { return string(e) }

// The refusals of the package; docs/encryption.md § 12 lists where each arises
// and how it is shown.
const (
	ErrEncoding  Error = "bad_encoding"  // not the required form: base64url, JSON, length, order
	ErrVersion   Error = "bad_version"   // unknown v or suite
	ErrKey       Error = "bad_key"       // not a valid public or private key of the suite
	ErrTag       Error = "bad_tag"       // authenticated decryption failed: altered or wrong key
	ErrPadding   Error = "bad_padding"   // decrypted, but not padded as required
	ErrTooLong   Error = "too_long"      // plaintext does not fit the largest bucket
	ErrCommit    Error = "bad_commit"    // the room key is not the committed one
	ErrLink      Error = "bad_link"      // the epoch was not made by a holder of the previous key
	ErrOwn       Error = "bad_own"       // the seeker did not make the epoch that first names their key
	ErrHistory   Error = "bad_history"   // history keys do not match the earlier epochs
	ErrRoom      Error = "wrong_room"    // object of another room
	ErrEpoch     Error = "wrong_epoch"   // epoch out of order, unknown or older than one seen
	ErrChanged   Error = "epoch_changed" // an epoch that was already seen is presented with other content
	ErrSender    Error = "wrong_sender"  // sender is not a recipient of the epoch
	ErrPosition  Error = "wrong_position"
	ErrReplay    Error = "replayed"
	ErrNotReader Error = "not_recipient" // no wrap for this key and no history
	ErrLocked    Error = "locked"        // text from before this reader was let in

	ErrRecipient  Error = "unknown_recipient" // recipient without a signed, reading membership
	ErrExpired    Error = "expired_member"    // membership ended (not_after)
	ErrRemoved    Error = "removed_member"    // recipient is no longer a reader in the newest state
	ErrTeam       Error = "wrong_team"        // chain or epoch of another team
	ErrState      Error = "unknown_state"     // team state is not part of the verified chain
	ErrRollback   Error = "rollback"          // pinned state missing, or an older state than before
	ErrSignature  Error = "bad_signature"
	ErrSigner     Error = "not_signer" // signed by somebody who may not
	ErrMember     Error = "bad_member" // kid and key do not belong together, double or empty member
	ErrChain      Error = "broken_chain"
	ErrNoSigner   Error = "no_signer" // a state that nobody could ever follow
	ErrCodeLength Error = "code_length"
	ErrCodeSymbol Error = "code_symbol"
	ErrCodeCheck  Error = "code_check"
	ErrIterations Error = "weak_iterations" // password parameters below the floor or absurdly high
	ErrNoWrap     Error = "no_wrap"         // no key wrap of that kind
	ErrDayGone    Error = "day_key_gone"    // the day key was destroyed: unreadable for ever
	ErrDayKey     Error = "wrong_day_key"   // another key directory sealed this
)
