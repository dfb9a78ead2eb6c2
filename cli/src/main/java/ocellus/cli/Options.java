package ocellus.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.models.LoadOptions;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Options that several commands have, and how their values are read. */
final class Options {
  private static final String IMAGES = "IMAGE";

  private Options() {}

  static OptionSpec help() {
    return OptionSpec.builder("-h", "--help").usageHelp(true).description("this text").build();
  }

  static OptionSpec verbose() {
    return flag("--verbose", "errors with their stack trace");
  }

  static boolean isVerbose(ParseResult args) {
    return args.hasMatchedOption("--verbose");
  }

  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  static OptionSpec ignoreExif() {
    return flag("--ignore-exif", "take the pixels as stored, whatever the EXIF orientation says");
  }

  static boolean ignoresExif(ParseResult args) {
    return args.hasMatchedOption("--ignore-exif");
  }

  /** {@code --model DIR}. */
  static OptionSpec.Builder model() {
    return path("--model", "DIR");
  }

  static OptionSpec.Builder path(String name, String label) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(Path.class)
        .converters(Options::convertPath);
  }

  /** A file or folder that is named, as the value of an option or an operand. */
  static Path convertPath(String name) {
    try {
      return ImageSource.path(name);
    } catch (OcellusException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  static Path path(ParseResult args, String name) {
    return args.matchedOptionValue(name, null);
  }

  static OptionSpec threads() {
    return integer("--threads", "N", LoadOptions.MAX_THREADS)
        .description("how many threads to use; one for each processor if absent")
        .build();
  }

  static OptionSpec weights() {
    return choice("--weights", List.of("f32", "f16", "bf16"))
        .description(
            "what the weights are rounded to in memory; if absent, those that are stored as f16 or"
                + " bf16 stay so where that is exact, and all others are f32")
        .build();
  }

  /** What {@link #threads()} and {@link #weights()} say, whichever of them the command has. */
  static LoadOptions loadOptions(ParseResult args) {
    LoadOptions defaults = LoadOptions.defaults();
    LoadOptions options =
        defaults.withThreads(args.matchedOptionValue("--threads", defaults.threads()));
    String weights = args.matchedOptionValue("--weights", null);
    return weights == null
        ? options
        : options.withWeights(WeightFormat.valueOf(weights.toUpperCase(Locale.ROOT)));
  }

  /** An option whose value is a positive integer. */
  static OptionSpec positive(String name, String label, String description) {
    return integer(name, label, Integer.MAX_VALUE).description(description).build();
  }

  private static OptionSpec.Builder integer(String name, String label, int most) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(Integer.class)
        .converters(value -> positiveInteger(value, most));
  }

  static int positiveInteger(String value) {
    return positiveInteger(value, Integer.MAX_VALUE);
  }

  private static int positiveInteger(String value, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number > most) {
        throw new TypeConversionException("'" + value + "' is more than " + most);
      }
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same as any other value that is not a positive integer.
    }
    throw new TypeConversionException("'" + value + "' is not a positive integer");
  }

  /** {@code --format}, with the first of {@code formats} as the default. */
  static OptionSpec format(String... formats) {
    List<String> known = List.of(formats);
    return choice("--format", known)
        .defaultValue(known.getFirst())
        .description("how to print the results; " + known.getFirst() + " if absent")
        .build();
  }

  /** An option whose value is one of a few words. */
  static OptionSpec.Builder choice(String name, List<String> known) {
    return OptionSpec.builder(name)
        .paramLabel(String.join("|", known))
        .type(String.class)
        .converters(
            value -> {
              if (known.contains(value)) {
                return value;
              }
              throw new TypeConversionException(
                  "'" + value + "' is not one of " + String.join(", ", known));
            });
  }

  static String format(ParseResult args) {
    return args.matchedOptionValue(
        "--format", args.commandSpec().findOption("--format").getValue());
  }

  static PositionalParamSpec images() {
    return images("1..*");
  }

  /** Images that may be left out. */
  static PositionalParamSpec anyImages() {
    return images("0..*");
  }

  private static PositionalParamSpec images(String arity) {
    return PositionalParamSpec.builder()
        .paramLabel(IMAGES)
        .arity(arity)
        .required(arity.startsWith("1"))
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(
            "a picture file, a folder of which the pictures directly in it are taken in the order"
                + " of their names, or - for standard input")
        .build();
  }

  /** An option that may be given several times, each time with a text. */
  static OptionSpec.Builder texts(String name) {
    return OptionSpec.builder(name)
        .paramLabel("TEXT")
        .type(List.class)
        .auxiliaryTypes(String.class);
  }

  static List<String> texts(ParseResult args, String name) {
    return args.matchedOptionValue(name, List.of());
  }

  /** {@code --top}, by default {@code absent}. */
  static OptionSpec top(String absent) {
    return OptionSpec.builder("--top")
        .paramLabel("K|all")
        .type(Integer.class)
        .converters(v -> v.equals("all") ? Integer.MAX_VALUE : positiveInteger(v))
        .description("how many to print, best first; " + absent + " if absent")
        .build();
  }

  static List<String> images(ParseResult args) {
    return args.matchedPositionalValue(0, List.of());
  }
}
