import { groundOf, type Look, type Shape } from "../map/palette";

const W = 26;
const H = 16;

/** A sample of how the map draws something: same colours, same dashes, same widths. */
export function Swatch({ look, shape }: { look: Look; shape: Shape }) {
  const dash = look.dash.join(" ") || undefined;
  return (
    <svg class="swatch" width={W} height={H} viewBox={`0 0 ${W} ${H}`} aria-hidden="true">
      {shape === "area" && (
        <rect
          x="2"
          y="2"
          width={W - 4}
          height={H - 4}
          fill={look.fill}
          stroke={look.stroke}
          stroke-width={look.width}
          stroke-dasharray={dash}
        />
      )}
      {shape === "line" && (
        <line
          x1="1"
          x2={W - 1}
          y1={H / 2}
          y2={H / 2}
          stroke={look.stroke}
          stroke-width={look.width}
          stroke-dasharray={dash}
        />
      )}
      {shape === "point" && (
        <circle
          cx={W / 2}
          cy={H / 2}
          r="5.5"
          fill={look.fill}
          stroke={look.hollow ? look.stroke : "none"}
          stroke-width={look.width}
          stroke-dasharray={dash}
        />
      )}
    </svg>
  );
}

export function GroundSwatch({ kind }: { kind: string }) {
  const { stroke, width, dash } = groundOf(kind);
  return (
    <svg class="swatch" width={W} height={H} viewBox={`0 0 ${W} ${H}`} aria-hidden="true">
      {kind === "station" ? (
        <circle cx={W / 2} cy={H / 2} r="3.25" fill="#fff" stroke={stroke} stroke-width={width} />
      ) : (
        <line
          x1="1"
          x2={W - 1}
          y1={H / 2}
          y2={H / 2}
          stroke={stroke}
          stroke-width={width}
          stroke-dasharray={dash.join(" ") || undefined}
        />
      )}
    </svg>
  );
}
