import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip as gzipCompress } from 'node:zlib';
import { defineConfig } from 'vite';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Where `npm run up` and the API's own default listen. */
const API = process.env['SIGNPOST_API'] ?? 'http://127.0.0.1:3000';
const COMPRESSED_BYTES_MIN = 1_024;

const brotli = promisify(brotliCompress);
const gzip = promisify(gzipCompress);

/** Writes a .br and a .gz beside every text file of some size: the API sends them as they are. */
function precompress() {
  return {
    name: 'signpost:precompress',
    apply: 'build',
    // Only now, because Vite still changes a bundle until it is written.
    async writeBundle({ dir }, bundle) {
      const names = Object.keys(bundle).filter((name) => /^assets\/.*\.(js|css|svg)$/.test(name));
      await Promise.all(names.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(file) {
  const bytes = await readFile(file);
  if (bytes.length < COMPRESSED_BYTES_MIN) return;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(`${file}.br`, await brotli(bytes, { params }));
  await writeFile(`${file}.gz`, await gzip(bytes, { level: 9 }));
}

// A build always makes what is served to people, also when a test run starts it.
if (process.argv.includes('build')) process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: HERE,
  plugins: [precompress()],
  build: {
    outDir: join(HERE, '../../dist/apps/dashboard'),
    emptyOutDir: true,
    // Tells which files the first page loads; a test holds them to a budget.
    manifest: true,
    // Nothing is inlined, because `data:` would need an exception in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    target: 'es2022',
    // Packages mark modules that React must not render on a server. Nothing is rendered on a server here.
    rolldownOptions: { checks: { moduleLevelDirective: false, pluginTimings: false } },
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: Object.fromEntries(['/api', '/openapi.json', '/docs'].map((path) => [path, API])) },
});
