import { say, t, view } from "../state";

export function ViewIntroduction() {
  const current = view.value;
  if (!current) return null;
  const { figure } = current;
  return (
    <section class="introduction">
      <h2>{say(current.title)}</h2>
      <p>{say(current.introduction)}</p>
      {figure && (
        <p class="figure">
          {t("figure", { number: figure.number, caption: say(figure.caption) })}
          {figure.remark && <small>{t("remark", { text: say(figure.remark) })}</small>}
        </p>
      )}
    </section>
  );
}
