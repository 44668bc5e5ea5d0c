{
  description = "Named Python environments for bash, zsh and fish: virtualenvwrapper, rebuilt";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  # `nix run 'github:venvwrap/venvwrap?dir=.github/packaging/nix'`
  inputs.source = {
    url = "github:venvwrap/venvwrap/v0.1.0";
    flake = false;
  };

  outputs =
    { nixpkgs, source, ... }:
    let
      forAll = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in
    {
      packages = forAll (system: {
        default =
          let
            pkgs = nixpkgs.legacyPackages.${system};
          in
          pkgs.rustPlatform.buildRustPackage {
            pname = "venvwrap";
            version = "0.1.0";
            src = source;
            cargoLock.lockFile = "${source}/Cargo.lock";
            # The end-to-end tests need shells and interpreters that a build has not.
            cargoTestFlags = [
              "--package"
              "venvwrap-core"
            ];
            postInstall = ''
              bash .github/packaging/stage "$out/bin/venvwrap" "$TMPDIR/stage"
              cp -r "$TMPDIR/stage/share" "$out/"
              ln -s ../share/venvwrap/{virtualenvwrapper.sh,virtualenvwrapper_lazy.sh,venvwrap-venv} "$out/bin/"
            '';
            meta = {
              homepage = "https://github.com/venvwrap/venvwrap";
              license = with nixpkgs.lib.licenses; [ mit asl20 ];
              mainProgram = "venvwrap";
            };
          };
      });
    };
}
