// Imported before all else: on an older Node the server would fail later, and say less.
const wanted = [24, 11] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  process.stderr.write(
    `mox: this is Node ${process.versions.node}; mox needs ${wanted.join('.')} or newer\n` +
      '  remedy: install a newer Node, or run it from a checkout by npm start or npm run mox, which bring their own\n',
  );
  process.exit(1);
}
