/**
 * Ends the process with one plain line when this Node.js cannot run Signpost. The framework of Signpost consists of ES modules that are
 * loaded by `require`, which Node.js supports from 20.19 and 22.12 on. This file uses no syntax that an old Node.js cannot parse.
 */
export function requireNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23;
  if (supported) return;
  console.error(`Signpost needs Node.js 20.19, 22.12 or newer, but this is ${version} (${process.execPath}).`);
  process.exit(1);
}
