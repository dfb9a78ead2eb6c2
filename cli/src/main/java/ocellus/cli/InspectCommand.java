package ocellus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ocellus.engine.OcellusException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.ImageInfo;
import ocellus.loaders.image.ImageOptions;
import ocellus.loaders.image.Images;
import ocellus.loaders.image.RgbImage;
import ocellus.models.LoadOptions;
import ocellus.models.ModelOutline;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus inspect}: what a checkpoint or an image is. */
final class InspectCommand implements Command {
  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String summary() {
    return "tell what a checkpoint or an image is";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.flag("--tensors", "list every tensor of the checkpoint"));
    spec.addOption(Options.weights());
    spec.addOption(Options.format("text", "json"));
    spec.addOption(Options.ignoreExif());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("DIR|IMAGE")
            .arity("1")
            .required(true)
            .type(String.class)
            .description("folder of a checkpoint, a picture file, or - for one on standard input")
            .build());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus inspect vit_tiny",
            "  ocellus inspect vit_tiny --tensors",
            "  ocellus inspect photo.jpg --format json");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    String operand = args.matchedPositionalValue(0, "");
    boolean asJson = Options.format(args).equals("json");
    LineWriter lines = new LineWriter(console.out());
    Path path = ImageSource.path(operand);
    if (Files.isDirectory(path)) {
      LoadOptions options = Options.loadOptions(args);
      return model(operand, path, options, args.hasMatchedOption("--tensors"), asJson, lines);
    }
    ImageReport report = image(operand, args, console);
    lines.print(asJson ? report.json() : report.text());
    return ExitCode.DONE;
  }

  private static ImageReport image(String operand, ParseResult args, Console console) {
    ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(Options.ignoresExif(args));
    Path path = ImageSource.path(operand);
    if (operand.equals(ImageSource.STANDARD_INPUT)) {
      byte[] file = ImageSource.standardInput(console.in());
      ImageInfo info = Images.info(file, operand);
      return ImageReport.of(operand, info, Images.decode(file, operand, options));
    }
    ImageInfo info = Images.info(path);
    RgbImage pixels = Images.read(path, options);
    return ImageReport.of(operand, info, pixels);
  }

  /** Reports what the folder holds, then fails if it cannot be run. */
  private static int model(
      String operand,
      Path folder,
      LoadOptions options,
      boolean tensors,
      boolean asJson,
      LineWriter lines)
      throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      OcellusException problem = null;
      ModelReport report = new ModelReport(operand, checkpoint, tensors);
      try {
        report.addNetwork(ModelOutline.of(checkpoint, options));
      } catch (OcellusException e) {
        problem = e;
      }
      lines.print(asJson ? report.json() : report.text());
      if (problem != null) {
        throw problem;
      }
    }
    return ExitCode.DONE;
  }
}
