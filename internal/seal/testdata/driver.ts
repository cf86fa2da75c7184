// One JSON request on standard input, one JSON answer on standard output.

import { act } from "./act";

let input = "";
for await (const chunk of process.stdin) input += String(chunk);
const request = JSON.parse(input) as { act: keyof typeof act; with: never };
process.stdout.write(JSON.stringify(await act[request.act](request.with)));
