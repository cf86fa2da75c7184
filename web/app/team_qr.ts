// A QR code drawn as SVG elements in the page; nothing is fetched and no
// string is parsed as markup.
/*! contains uqr 0.1.3, MIT, (c) Project Nayuki, (c) 2023 Anthony Fu; licence in web/app/vendor/uqr */
import { encode } from "./vendor/uqr/index.mjs";

const SVG = "http://www.w3.org/2000/svg";

/** drawQr gives an image of a text with a name for those who cannot see it. */
export function drawQr(text: string, label: string): SVGSVGElement {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const image = document.createElementNS(SVG, "svg");
  image.setAttribute("viewBox", "0 0 " + size + " " + size);
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", label);
  image.setAttribute("class", "team-qr");
  image.setAttribute("shape-rendering", "crispEdges");
  const dark = document.createElementNS(SVG, "path");
  dark.setAttribute("d", data.flatMap((row, y) => row.map((on, x) => (on ? "M" + x + " " + y + "h1v1h-1z" : ""))).join(""));
  image.append(dark);
  return image;
}
