/** The beginning of the benefits finder. */
import { watchExit } from "./exit";
import { startFinder } from "./finder/page";

watchExit();
const root = document.getElementById("finder");
if (root) startFinder(root).catch(() => undefined); // without rules the form goes to the server, as without script
