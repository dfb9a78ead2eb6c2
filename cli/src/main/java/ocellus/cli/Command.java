package ocellus.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command of the program. */
interface Command {
  String name();

  /** What it does, in a line of the program's help. */
  String summary();

  /** Adds the command's own options, operands and examples to what every command has. */
  void describe(CommandSpec spec);

  /**
   * Does the work.
   *
   * @return the exit code
   * @throws IOException if results cannot be written
   */
  int run(ParseResult args, Console console) throws IOException;
}
