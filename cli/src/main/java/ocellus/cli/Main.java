package ocellus.cli;

/** The ocellus program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name, and exits with its code. */
  public static void main(String[] args) {
    System.exit(new Program(Console.system()).run(args));
  }
}
