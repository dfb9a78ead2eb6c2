package ocellus.cli;

/** The ocellus program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name. */
  public static void main(String[] args) {
    System.out.println(ModuleLayer.boot().modules());
  }
}
