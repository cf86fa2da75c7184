/** The question whether somebody else may take over and read everything. */
import { one, say, show } from "./dom";
import { t } from "./texts";
import type { Transfer as Wish } from "./wire_frames";

export interface Target { team: string; label: string; name: string }

export class Transfer {
  private target: Target | undefined;

  constructor(answer: (yes: boolean, team: string, label: string) => void, private announce: (text: string) => void) {
    const reply = (yes: boolean) => () => {
      const target = this.target;
      this.follow(undefined);
      if (target) answer(yes, target.team, target.label);
    };
    one("#chat-transfer-yes").addEventListener("click", reply(true));
    one("#chat-transfer-no").addEventListener("click", reply(false));
  }

  /** Shows the wish the server has told, or hides the card. */
  follow(wish: Wish | undefined): void {
    if (wish?.step === "ask" && wish.team) this.ask({ team: wish.team, label: wish.team_name ?? "", name: wish.name ?? "" });
    else {
      this.target = undefined;
      show(one("#chat-transfer"), false);
    }
  }

  /** Asks for the person's word. */
  ask(target: Target): void {
    const news = this.target?.team !== target.team || this.target.name !== target.name;
    this.target = target;
    const to = target.name ? t("chat.app.transfer_person", { name: target.name, team: target.label }) : t("chat.app.transfer_team", { team: target.label });
    say(one("#chat-transfer-text"), to);
    show(one("#chat-transfer"), true);
    if (news) this.announce(to);
  }
}
