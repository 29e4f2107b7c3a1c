#!/usr/bin/env node
import { requireNode } from './node-version.mjs';

requireNode(process.versions.node);
import('./run-check.mjs').then(({ runCheck }) => runCheck());
