#!/usr/bin/env node
import { requireNode } from './node-version.mjs';

requireNode(process.versions.node);
import('./start-signpost.mjs').then(({ startSignpost }) => startSignpost(process.argv.slice(2)));
