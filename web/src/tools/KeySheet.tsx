import "./tools.css";
import { type ToolKey, tt } from "../i18n/tools";
import { shortcuts, t } from "../state";
import { MAP_ID } from "../ui/focus";
import { Dialog } from "./Dialog";
import { tool } from "./tool";

const KEYS: readonly [keys: string, key: ToolKey][] = [
  ["← ↑ → ↓", "keyPan"],
  ["Shift + ← ↑ → ↓", "keyPanLittle"],
  ["+ −", "keyZoom"],
  ["0 · Home", "keyHome"],
  ["Enter · Space", "keyPick"],
  ["Alt + ← ↑ → ↓", "keyStep"],
  ["[ ]", "keyTurn"],
  ["Alt + I", "keySpeak"],
  ["Esc", "keyEscape"],
  ["?", "keyHelp"],
];

export function KeySheet() {
  return (
    <Dialog
      title={t("toolKeys")}
      onClose={() => {
        tool.value = null;
        requestAnimationFrame(() => document.getElementById(MAP_ID)?.focus());
      }}
    >
      <p>{tt("keysOnMap")}</p>
      <table class="keys">
        <tbody>
          {KEYS.map(([keys, key]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{tt(key)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="keys-everywhere">
        <input
          type="checkbox"
          checked={shortcuts.value}
          onChange={(event) => {
            shortcuts.value = event.currentTarget.checked;
          }}
        />
        <span>
          <kbd>/</kbd> {tt("keySearch")}
        </span>
      </label>
    </Dialog>
  );
}
