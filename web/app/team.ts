// The console: builds the panes, joins them to the desk, and keeps the session
// honest: keys that are not here, a session that ended, another tab.
import { wipeKeys, loadKeys, type StaffKeys } from "./seal/index";
import { read, type Session } from "./team_api";
import { Console } from "./team_console";
import { leaveForSignIn } from "./team_session";
import { one } from "./dom";

async function begin(): Promise<void> {
  const session = await read<Session>("session").catch(() => null);
  if (!session || session.limited) {
    await wipeKeys();
    return leaveForSignIn();
  }
  const keys: StaffKeys | null | undefined = await loadKeys(session.id);
  if (!keys) return leaveForSignIn();
  await new Console(one("#console"), session, keys).start();
}

void begin();
