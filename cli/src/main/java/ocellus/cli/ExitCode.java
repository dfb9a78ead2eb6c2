package ocellus.cli;

/** What the program's exit code means. */
final class ExitCode {
  /** All inputs were answered. */
  static final int DONE = 0;

  /** Some inputs failed, the others were answered. */
  static final int SOME_FAILED = 1;

  /** The arguments or the model are wrong. */
  static final int USAGE_OR_MODEL = 2;

  private ExitCode() {}
}
