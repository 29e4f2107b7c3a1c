/**
 * Ends the process with one plain line when this Node.js cannot run Signpost: its framework ships ES modules that are
 * loaded by require, which Node.js does from 20.19 and 22.12 on.
 * Uses no syntax that an old Node.js would stumble over before it could say so.
 */
export function requireNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23;
  if (supported) return;
  console.error(`Signpost needs Node.js 20.19, 22.12 or newer, but this is ${version} (${process.execPath}).`);
  process.exit(1);
}
