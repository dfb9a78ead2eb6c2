package ocellus.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import ocellus.models.ImageEmbedder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus embed}: the features of each image. */
final class EmbedCommand implements Command {
  @Override
  public String name() {
    return "embed";
  }

  @Override
  public String summary() {
    return "map images to vectors: the features before the head of a checkpoint";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.model().required(true).description("folder of the checkpoint").build());
    spec.addOption(Options.flag("--normalize", "scale each vector to length 1"));
    spec.addOption(Options.format("jsonl", "csv", "npy"));
    spec.addOption(
        Options.path("--output", "FILE").description("where to write, if not to stdout").build());
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(Options.ignoreExif());
    spec.addPositional(Options.images());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus embed --model vit_tiny --normalize photo.jpg",
            "  ocellus embed --model vit_tiny --format npy --output photos.npy photos/");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    ImageRun run = new ImageRun(console, args);
    Path model = Options.path(args, "--model");
    Path file = Options.path(args, "--output");
    try (ImageEmbedder loaded = ImageEmbedder.load(model, run.modelOptions())) {
      ImageEmbedder embedder = args.hasMatchedOption("--normalize") ? loaded.normalized() : loaded;
      if (file == null) {
        return run(run, embedder, Options.format(args), console.out());
      }
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        return run(run, embedder, Options.format(args), out);
      }
    }
  }

  private static int run(ImageRun run, ImageEmbedder embedder, String format, OutputStream out)
      throws IOException {
    return run.run(
        image -> embedder.embed(image),
        EmbeddingWriters.of(format, out, run.imageCount(), embedder.dimension()));
  }
}
