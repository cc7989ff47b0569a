// Printing has a root of its own beside the page: what is printed is that, and nothing of the page.

import { render } from "preact";
import { useEffect } from "preact/hooks";
import { print } from "../state";
import { PrintView } from "./PrintView";
import { backToTools } from "./tool";

export function PrintDialog() {
  useEffect(() => {
    const root = document.createElement("div");
    root.className = "print-root";
    document.body.append(root);
    const app = document.getElementById("app");
    app?.setAttribute("inert", "");
    document.documentElement.classList.add("printing");
    const close = () => {
      print.value = null;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close();
    };
    root.addEventListener("keydown", onKey);
    render(<PrintView onClose={close} />, root);
    return () => {
      render(null, root);
      root.remove();
      app?.removeAttribute("inert");
      document.documentElement.classList.remove("printing");
      // Only now can anything of the page take the focus.
      backToTools();
    };
  }, []);
  return null;
}
