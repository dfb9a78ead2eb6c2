package ocellus.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ocellus.engine.EditDistance;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.VectorWidth;
import ocellus.models.MemoryException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Finds the command that the arguments name, runs it, and turns what it throws into one line. */
final class Program {
  private static final List<Command> COMMANDS =
      List.of(
          new ClassifyCommand(),
          new ZeroShotCommand(),
          new EmbedCommand(),
          new TokenizeCommand(),
          new SearchCommand(),
          new InspectCommand(),
          new ModelsCommand(),
          new BenchCommand());

  /** What precedes an exception that should not have got this far. */
  static final String DEFECT = "a defect of Ocellus, please report it: ";

  private static final int NAME_COLUMN = 11;

  private final Console console;

  Program(Console console) {
    this.console = console;
  }

  /** The exit code: see {@link ExitCode}. */
  int run(String... args) {
    if (args.length == 0) {
      return usageError("no command; see ocellus --help");
    }
    PrintStream out = new PrintStream(console.out(), true, StandardCharsets.UTF_8);
    return switch (args[0]) {
      case "--help", "-h" -> {
        out.print(help());
        yield ExitCode.DONE;
      }
      case "--version", "-V" -> {
        out.println(version());
        yield ExitCode.DONE;
      }
      default ->
          COMMANDS.stream()
              .filter(c -> c.name().equals(args[0]))
              .findFirst()
              .map(command -> run(command, Arrays.copyOfRange(args, 1, args.length), out))
              .orElseGet(() -> usageError(unknown(args[0])));
    };
  }

  private int run(Command command, String[] args, PrintStream out) {
    CommandSpec spec = CommandSpec.create().name("ocellus " + command.name());
    spec.usageMessage().description(command.summary()).abbreviateSynopsis(true);
    spec.addOption(Options.help()).addOption(Options.verbose());
    command.describe(spec);
    CommandLine line = new CommandLine(spec).setUsageHelpWidth(100).setExpandAtFiles(false);
    ParseResult parsed;
    try {
      parsed = line.parseArgs(args);
    } catch (ParameterException e) {
      return usageError(firstLine(e.getMessage()) + "; see ocellus " + command.name() + " --help");
    }
    if (parsed.isUsageHelpRequested()) {
      line.usage(out, Ansi.OFF);
      return ExitCode.DONE;
    }
    try {
      return command.run(parsed, console);
    } catch (IOException e) {
      return e.getMessage() != null && e.getMessage().contains("Broken pipe")
          ? ExitCode.DONE // whoever reads the results has enough
          : error("cannot write the results: " + describe(e), e, parsed);
    } catch (OcellusException e) {
      return error(e.getMessage(), e, parsed);
    } catch (ExceptionInInitializerError e) {
      // What a property of the JVM asks for is looked at when the class that needs it is loaded.
      String message = e.getCause() instanceof OcellusException o ? o.getMessage() : DEFECT + e;
      return error(message, e, parsed);
    } catch (OutOfMemoryError e) {
      return error(MemoryException.of(e).getMessage(), e, parsed);
    } catch (RuntimeException e) {
      return error(DEFECT + e, e, parsed);
    }
  }

  private int usageError(String message) {
    console.complain(message);
    return ExitCode.USAGE_OR_MODEL;
  }

  private int error(String message, Throwable e, ParseResult args) {
    console.complain(message);
    if (Options.isVerbose(args)) {
      e.printStackTrace(console.err());
    }
    return ExitCode.USAGE_OR_MODEL;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  /** The messages of file system errors are mere paths; their class says what happened. */
  private static String describe(IOException e) {
    return switch (e) {
      case NoSuchFileException f -> f.getFile() + ": its folder is not there; make it";
      case AccessDeniedException f -> f.getFile() + ": no permission to write it";
      default -> e.getMessage();
    };
  }

  private static String unknown(String name) {
    String nearest =
        COMMANDS.stream()
            .map(Command::name)
            .min(Comparator.comparingInt(c -> EditDistance.between(c, name)))
            .orElseThrow();
    return "no command '%s'; did you mean %s? See ocellus --help".formatted(name, nearest);
  }

  private static String help() {
    StringBuilder text =
        new StringBuilder(
            """
            Usage: ocellus COMMAND [OPTION]... [OPERAND]...
            Image recognition on the CPU, with checkpoints as timm, transformers and open_clip save them.

            Commands:
            """);
    for (Command command : COMMANDS) {
      text.append("  ").append(command.name());
      text.append(" ".repeat(NAME_COLUMN - command.name().length()));
      text.append(command.summary()).append('\n');
    }
    return text.append(
            """

            Options:
              -h, --help     this text; after a command: its options
              -V, --version  the program's version

            Results go to standard output, everything else to standard error.
            Exit code: 0 all done, 1 some inputs failed, 2 usage or model error.
            """)
        .toString();
  }

  /** As in {@code ocellus 0.1.0, Java 25.0.3, 256-bit vectors}. */
  private static String version() {
    return "ocellus %s, Java %s, %d-bit vectors"
        .formatted(ownVersion(), Runtime.version(), VectorWidth.BITS);
  }

  /** As in {@code 0.1.0}. */
  static String ownVersion() {
    ModuleDescriptor module = Program.class.getModule().getDescriptor();
    return Optional.ofNullable(module).flatMap(ModuleDescriptor::rawVersion).orElse("(unpackaged)");
  }
}
