package ocellus.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import ocellus.engine.OcellusException;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.loaders.tokenizer.Tokenizer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus tokenize}: the ids that the text tower of a checkpoint gets. */
final class TokenizeCommand implements Command {
  private static final String STANDARD_INPUT = "-";

  @Override
  public String name() {
    return "tokenize";
  }

  @Override
  public String summary() {
    return "turn texts into the token ids that a text tower gets";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.model().required(true).description("folder of the checkpoint").build());
    spec.addOption(Options.flag("--warn-truncated", "tell of texts that do not fit the context"));
    spec.addOption(Options.format("text", "jsonl"));
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("TEXT")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("a text, or - for standard input, each line of which is one")
            .build());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus tokenize --model clip 'a photo of a cat'",
            "  ocellus tokenize --model clip --format jsonl - < captions.txt");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(Options.path(args, "--model"));
    boolean json = Options.format(args).equals("jsonl");
    boolean warns = args.hasMatchedOption("--warn-truncated");
    LineWriter lines = new LineWriter(console.out());
    List<String> operands = args.matchedPositionalValue(0, List.of());
    for (String operand : operands) {
      for (String text :
          operand.equals(STANDARD_INPUT) ? standardInput(console) : List.of(operand)) {
        TextTokens tokens = tokenizer.encode(text);
        lines.print(json ? json(text, tokens) : text(text, tokens));
        if (warns && tokens.truncated()) {
          console.complain(
              "%s: cut to %d tokens".formatted(start(text), tokenizer.contextLength()));
        }
      }
    }
    return ExitCode.DONE;
  }

  private static List<String> standardInput(Console console) throws IOException {
    InputStreamReader strict =
        new InputStreamReader(console.in(), StandardCharsets.UTF_8.newDecoder());
    try (BufferedReader reader = new BufferedReader(strict)) {
      return reader.lines().toList();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new OcellusException("standard input: the text is not UTF-8; convert it first", e);
      }
      throw new OcellusException("standard input: cannot be read: " + e.getCause().getMessage(), e);
    }
  }

  private static String json(String text, TextTokens tokens) {
    Json json = new Json().beginObject().key("text").value(text).key("ids").beginArray();
    for (int id : tokens.ids()) {
      json.value(id);
    }
    return json.endArray().endObject().toString();
  }

  /** The text, and its ids without the padding. */
  private static String text(String text, TextTokens tokens) {
    String ids =
        IntStream.range(tokens.offset(), tokens.offset() + tokens.length())
            .mapToObj(i -> Integer.toString(tokens.ids()[i]))
            .collect(Collectors.joining(" "));
    String cut = tokens.truncated() ? ", cut" : "";
    return "%s%n  %s (%d of %d%s)".formatted(text, ids, tokens.length(), tokens.ids().length, cut);
  }

  private static String start(String text) {
    int longest = 40;
    return text.length() <= longest ? text : text.substring(0, longest) + "...";
  }
}
