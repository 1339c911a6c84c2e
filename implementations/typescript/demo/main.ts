/** The page of the demo: two users side by side, each with a session of its own. */

import { Half, type Told } from "./half.js";
import type { Person } from "./model.js";

/** What the command tells its page: never in an address, so that no history keeps a token. */
interface Setting {
  readonly broker: string;
  readonly people: readonly Person[];
}

async function setting(): Promise<Setting> {
  const answer = await fetch("setting.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(`setting.json: ${answer.status}`);
  return (await answer.json()) as Setting;
}

function half(place: Element, { broker, people }: Setting, number: number): void {
  const person = people[number];
  if (person === undefined) return;
  place.id = person.id;
  place.setAttribute("aria-labelledby", `${person.id}-name`);
  document.querySelector(".jump")?.append(link(person));
  const again = async (): Promise<Told> => {
    const now = await setting();
    return { broker: now.broker, person: now.people[number] ?? person };
  };
  new Half(place, { broker, person }, again);
}

/** On a narrow page one half stands below the other. */
function link({ id, name }: Person): Element {
  const made = document.createElement("a");
  made.href = `#${id}`;
  made.textContent = name;
  return made;
}

async function run(): Promise<void> {
  const told = await setting();
  for (const [number, place] of document.querySelectorAll(".half").entries()) half(place, told, number);
}

run().catch((error) => {
  const place = document.querySelector("#trouble");
  if (place !== null)
    place.textContent = `The page cannot ask the command that serves it (${error}). Is it still running?`;
});
