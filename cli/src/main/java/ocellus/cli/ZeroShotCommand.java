package ocellus.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import ocellus.engine.OcellusException;
import ocellus.models.Label;
import ocellus.models.LabelMatrix;
import ocellus.models.ZeroShotClassifier;
import ocellus.models.ZeroShotClassifier.Scoring;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus zero-shot}: which of some descriptions each image fits best. */
final class ZeroShotCommand implements Command {
  private static final String MATRIX = ".safetensors";

  @Override
  public String name() {
    return "zero-shot";
  }

  @Override
  public String summary() {
    return "say which of your own descriptions images fit best, with CLIP or SigLIP";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.model().required(true).description("folder of the checkpoint").build());
    spec.addOption(
        Options.texts("--label").description("a label; give the option once for each").build());
    spec.addOption(
        Options.path("--labels", "FILE")
            .description(
                "labels, one a line, each with or without a tab and a prompt that describes it; or"
                    + " a file that --save-labels wrote")
            .build());
    spec.addOption(
        Options.texts("--template")
            .description("a text with {} where the label goes; give the option once for each")
            .build());
    spec.addOption(
        Options.path("--templates", "FILE|SET")
            .description(
                "templates, one a line; or a set: "
                    + TemplateSets.SIMPLE
                    + " is '"
                    + TemplateSets.SIMPLE_TEMPLATE
                    + "', "
                    + TemplateSets.OPENAI_IMAGENET
                    + " is the file of that name and .txt in the model's folder or in "
                    + "~/.config/ocellus/templates, which does not come with Ocellus")
            .build());
    spec.addOption(
        Options.path("--save-labels", "FILE")
            .description(
                "keep what the text tower makes of the labels, for --labels " + "*" + MATRIX)
            .build());
    spec.addOption(
        Options.choice("--scoring", List.of("softmax", "sigmoid"))
            .description("the labels exclude each other or not; as the model was trained if absent")
            .build());
    spec.addOption(Options.top("all"));
    spec.addOption(Options.format("text", "jsonl", "csv"));
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(Options.ignoreExif());
    spec.addPositional(Options.anyImages());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus zero-shot --model clip --label 'a dog' --label 'a cat' photo.jpg",
            "  ocellus zero-shot --model clip --labels birds.txt --template 'a photo of a {}, a"
                + " bird.' --save-labels birds.safetensors",
            "  ocellus zero-shot --model clip --labels birds.safetensors --top 3 photos/");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    Path save = Options.path(args, "--save-labels");
    if (save == null && Options.images(args).isEmpty()) {
      throw new OcellusException("no images; name some, or a file to --save-labels to");
    }
    if (save != null && !save.toString().endsWith(MATRIX)) {
      throw new OcellusException(
          "%s: a file of labels that is saved has to be called *%s, by which --labels tells it"
              .formatted(save, MATRIX));
    }
    if (save != null) {
      Destination.requireReplaceable(save);
      LabelMatrix.requireReplaceable(save);
    }
    ImageRun run = new ImageRun(console, args);
    try (ZeroShotClassifier model =
        ZeroShotClassifier.load(
            Options.path(args, "--model"), run.modelOptions(), Options.loadOptions(args))) {
      ZeroShotClassifier classifier = withScoring(withLabels(model, args), args);
      Progress progress =
          new Progress(
              console.showsProgress() ? console.err() : null, classifier.promptCount(), "texts");
      LabelMatrix labels = classifier.prepare(progress::reach);
      progress.hide();
      if (save != null) {
        labels.save(save);
      }
      int top = args.matchedOptionValue("--top", Integer.MAX_VALUE);
      LineWriter lines = new LineWriter(console.out());
      return run.run(
          source -> classifier.classify(source.image(), top),
          PredictionWriters.ofLabels(Options.format(args), lines));
    }
  }

  private static ZeroShotClassifier withLabels(ZeroShotClassifier model, ParseResult args) {
    List<String> named = Options.texts(args, "--label");
    Path file = Options.path(args, "--labels");
    if (named.isEmpty() == (file == null)) {
      throw new OcellusException(
          "the labels are missing or said twice; give either --label TEXT, once for each, or"
              + " --labels FILE");
    }
    List<String> templates = templates(args);
    if (file != null && file.toString().endsWith(MATRIX)) {
      if (!templates.isEmpty()) {
        throw new OcellusException(
            file + ": the labels in it are embedded already; leave the templates out");
      }
      return model.withLabels(LabelMatrix.read(file));
    }
    ZeroShotClassifier labelled =
        model.withLabels(file == null ? named.stream().map(Label::of).toList() : Label.read(file));
    return templates.isEmpty() ? labelled : labelled.withTemplates(templates);
  }

  private static List<String> templates(ParseResult args) {
    List<String> named = Options.texts(args, "--template");
    Path file = Options.path(args, "--templates");
    if (file == null) {
      return named;
    }
    if (!named.isEmpty()) {
      throw new OcellusException("give either --template TEXT or --templates FILE");
    }
    return TemplateSets.read(file, Options.path(args, "--model"), UserFolders.configuration());
  }

  private static ZeroShotClassifier withScoring(ZeroShotClassifier classifier, ParseResult args) {
    String scoring = args.matchedOptionValue("--scoring", null);
    return scoring == null
        ? classifier
        : classifier.withScoring(Scoring.valueOf(scoring.toUpperCase(Locale.ROOT)));
  }
}
