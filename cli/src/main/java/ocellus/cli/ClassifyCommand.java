package ocellus.cli;

import java.io.IOException;
import java.nio.file.Path;
import ocellus.models.ImageClassifier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus classify}: the most probable classes of each image. */
final class ClassifyCommand implements Command {
  private static final int DEFAULT_TOP = 5;

  @Override
  public String name() {
    return "classify";
  }

  @Override
  public String summary() {
    return "say what images show, with the classes of a checkpoint";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(
        Options.model()
            .description("folder of the checkpoint; the model that ships with Ocellus if absent")
            .build());
    spec.addOption(Options.top(Integer.toString(DEFAULT_TOP)));
    spec.addOption(Options.format("text", "jsonl", "csv"));
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(Options.ignoreExif());
    spec.addPositional(Options.images());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus classify photo.jpg",
            "  ocellus classify --model convnext_tiny --top 3 --format jsonl photos/",
            "  curl -s URL | ocellus classify --model convnext_tiny -");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    ImageRun run = new ImageRun(console, args);
    Path model = Options.path(args, "--model");
    int top = args.matchedOptionValue("--top", DEFAULT_TOP);
    try (ImageClassifier classifier =
        model == null
            ? ImageClassifier.builtIn(run.modelOptions())
            : ImageClassifier.load(model, run.modelOptions())) {
      LineWriter lines = new LineWriter(console.out());
      return run.run(
          source -> classifier.classify(source.image(), top),
          PredictionWriters.of(Options.format(args), lines));
    }
  }
}
