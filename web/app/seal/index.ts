// BEK1 in the browser, the twin of internal/seal in Go. docs/encryption.md is
// normative. Nothing here touches the page, the network or localStorage.

export { b64, unb64, type Bin } from "./bytes";
export { Chain, newState, verify, type Member, type SignedState, type State } from "./chain";
export { Code, newCode, parseCode } from "./code";
export { decodeContent, encodeContent, type Content } from "./content";
export { readersOf, seekerOf, type Epoch, type Reader, type Recipient, type Wrap } from "./epoch";
export { SealError, type Reason } from "./errors";
export { fingerprint } from "./fingerprint";
export { newStaffKeys, rewrap, StaffKeys, unlock, type Kek, type KeyFile, type KeyParts, type KeyWrap } from "./keyring";
export { loadKeys, loadPin, saveKeys, savePin, wipeKeys } from "./keystore";
export { MAX_PLAIN, SEEKER, type Header } from "./message";
export { derivePassword, ITERATIONS, newSalt, passkeyKek, passkeySalt } from "./password";
export { newRoom, openRoom, Room, type Change } from "./room";
export { newSeed, seekerKey, type ReaderKey } from "./suite";
export { Transcript, type Item, type Message } from "./transcript";
