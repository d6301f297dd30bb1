package dev.coxswain.e2e;

/** The kubectls that must work: the one that is installed, and Debian's newest. */
enum Kubectl {
  /** Whatever is installed; Debian 12 has 1.20. */
  INSTALLED {
    @Override
    String program() {
      return "kubectl";
    }
  },
  /** That of Debian's newest suite, two minor versions above the server or more. */
  NEWEST {
    @Override
    String program() {
      return Fetched.PROGRAM;
    }
  };

  /** The name or path of the program. */
  abstract String program();

  /** Fetched once for a run and kept in the build's folder; a test that needs it fails without. */
  private static final class Fetched {
    static final String PROGRAM =
        NewestSuite.unpacked("kubectl").resolve("usr/bin/kubectl").toString();
  }
}
