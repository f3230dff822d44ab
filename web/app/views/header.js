/** Who is speaking: the supporter's name and picture at the top of the page. */
import { paintAvatar } from "./avatar.js";

export function showName({ name: heading, avatar }, name) {
  heading.textContent = name;
  paintAvatar(avatar, name);
}
