#!/bin/sh
# On a Mac, from the archive for macOS: build-pkg.sh VERSION ARCH (arm64 or x64), in the folder with the archive.
# Signing and notarising ask for a certificate of Apple's: productsign and notarytool, as your organisation does it.
set -eu
version=$1
arch=$2
deploy=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/usr/local/lib" "$work/root/usr/local/bin" "$work/root/Library/LaunchAgents"
tar -xJf "muster-agent-$version-darwin-$arch.tar.xz" -C "$work/root/usr/local/lib"
mv "$work/root/usr/local/lib/muster-agent-$version-darwin-$arch" "$work/root/usr/local/lib/muster-agent"
ln -s ../lib/muster-agent/bin/muster-agent "$work/root/usr/local/bin/muster-agent"
# Starts with the next session of each user, as that user; nobody's agent is root.
install -m 0644 "$deploy/launchd/org.muster.agent.plist" "$work/root/Library/LaunchAgents/"

# Node was signed by its makers; whatever was changed on the way would be found here and not on the machines.
codesign --verify --strict "$work/root/usr/local/lib/muster-agent/lib/node"
pkgbuild --root "$work/root" --identifier org.muster.agent --version "$version" --ownership recommended \
  "muster-agent-$version-$arch.pkg"
