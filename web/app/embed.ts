/**
 * <lotse-suche lang="de"> for pages of other sites: a search field that leads to
 * the centres of the server this script came from. It loads nothing, keeps
 * nothing and sends nothing before somebody presses the button; then their own
 * words go to that server in a new tab. It has a style of its own and takes font
 * and colour from the page around it.
 *
 *   <script type="module" src="https://…/hsds/search-box.js"></script>
 *   <lotse-suche lang="de"></lotse-suche>
 *
 * The attributes label and button replace the words.
 */
import { h } from "./dom";

interface Words { label: string; button: string }

const WORDS: Record<string, Words> = {
  "de": { label: "Beratungsstelle finden: Was ist los?", button: "Stellen anzeigen" },
  "de-simple": { label: "Hilfe finden: Was ist Ihr Problem?", button: "Stellen zeigen" },
  "en": { label: "Find counselling: what is the matter?", button: "Show centres" },
  "uk": { label: "Знайти консультацію: що сталося?", button: "Показати центри" },
  "ar": { label: "ابحث عن مركز استشارة: ما الأمر؟", button: "عرض المراكز" },
  "tr": { label: "Danışma merkezi bul: Sorun ne?", button: "Merkezleri göster" },
  "ru": { label: "Найти консультацию: что случилось?", button: "Показать центры" },
  "fa": { label: "یافتن مرکز مشاوره: مشکل چیست؟", button: "نمایش مراکز" },
  "pl": { label: "Znajdź poradnię: co się dzieje?", button: "Pokaż poradnie" },
};

const STYLE = `:host{display:block}form{display:flex;flex-wrap:wrap;gap:.5em;align-items:end}label{flex:1 1 16em;display:grid;gap:.25em}
input,button{font:inherit;padding:.6em .8em;min-height:2.75em;box-sizing:border-box;border:2px solid currentColor;border-radius:.25em}
button{cursor:pointer}:focus-visible{outline:3px solid;outline-offset:2px}`;

class LotseSearch extends HTMLElement {
  connectedCallback(): void {
    if (this.shadowRoot) return;
    const lang = this.lang in WORDS ? this.lang : "de";
    const words = WORDS[lang] as Words;
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(h("form", {
      method: "get", action: new URL(`/${lang}/stellen`, import.meta.url).href, target: "_blank", rel: "noopener noreferrer",
      role: "search", dir: lang === "ar" || lang === "fa" ? "rtl" : "ltr", lang: lang === "de-simple" ? "de" : lang,
    },
    h("label", {}, this.getAttribute("label") ?? words.label, h("input", { name: "q", maxlength: 200, autocomplete: "off", dir: "auto" })),
    h("button", {}, this.getAttribute("button") ?? words.button)));
  }
}

if (!customElements.get("lotse-suche")) customElements.define("lotse-suche", LotseSearch);
