#!/usr/bin/env node
// Plain old JavaScript on purpose: it must at least start on the Node that happens to be installed, and then hand over
// to one that can run TypeScript from source.
'use strict';
var path = require('path');
var childProcess = require('child_process');

var WANTED = 24;
var main = path.join(__dirname, '..', 'src', 'cli', 'main.ts');

function bundledNode() {
  var packages = ['node-' + process.platform + '-' + process.arch, 'node-bin-' + process.platform + '-' + process.arch];
  for (var i = 0; i < packages.length; i++) {
    try {
      return path.join(path.dirname(require.resolve(packages[i] + '/package.json')), 'bin', 'node');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

if (Number(process.versions.node.split('.')[0]) >= WANTED) {
  import(require('url').pathToFileURL(main).href);
} else {
  var node = bundledNode();
  if (node === undefined) {
    console.error(
      'sallyport needs Node ' +
        WANTED +
        ' or newer and found ' +
        process.version +
        '; install it, or run npm install here without --omit=optional, which brings one along',
    );
    process.exit(3);
  }
  var child = childProcess.spawn(node, [main].concat(process.argv.slice(2)), { stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + (require('os').constants.signals[signal] || 0));
  });
}
