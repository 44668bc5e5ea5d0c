class Venvwrap < Formula
  desc "Named Python environments for bash, zsh and fish: virtualenvwrapper, rebuilt"
  homepage "https://github.com/venvwrap/venvwrap"
  url "https://github.com/venvwrap/venvwrap/archive/refs/tags/v0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/venvwrap/venvwrap.git", branch: "main"

  depends_on "rust" => :build

  conflicts_with "virtualenvwrapper", because: "both install `virtualenvwrapper.sh` and `virtualenvwrapper_lazy.sh`"

  def install
    system "cargo", "install", *std_cargo_args
    system ".github/packaging/stage", bin/"venvwrap", buildpath/"stage"
    pkgshare.install Dir["stage/share/venvwrap/*"]
    bin.install_symlink pkgshare/"virtualenvwrapper.sh", pkgshare/"virtualenvwrapper_lazy.sh", pkgshare/"venvwrap-venv"
    man1.install Dir["docs/man/*.1"]
    bash_completion.install "completions/venvwrap.bash" => "venvwrap"
    zsh_completion.install "completions/_venvwrap"
    fish_completion.install "completions/venvwrap.fish"
  end

  def caveats
    <<~EOS
      To load venvwrap in every new shell, run
        venvwrap setup
    EOS
  end

  test do
    ENV["WORKON_HOME"] = testpath/"envs"
    system bin/"venvwrap", "create", "--no-seed", "demo"
    assert_equal "demo", shell_output("#{bin}/venvwrap list --brief").strip
  end
end
