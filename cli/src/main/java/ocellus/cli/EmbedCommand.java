package ocellus.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import ocellus.engine.OcellusException;
import ocellus.models.ImageEmbedder;
import ocellus.models.TextEmbedder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus embed}: the features of each image, or of each text. */
final class EmbedCommand implements Command {
  private static final String OUTPUT = "--output";

  @Override
  public String name() {
    return "embed";
  }

  @Override
  public String summary() {
    return "map images or texts to vectors: the features before the head of a checkpoint";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.model().required(true).description("folder of the checkpoint").build());
    spec.addOption(
        Options.texts("--text")
            .arity("1..*")
            .description("texts instead of images: into the same space, with CLIP and SigLIP")
            .build());
    spec.addOption(Options.flag("--normalize", "scale each vector to length 1"));
    spec.addOption(Options.format("jsonl", "csv", "npy"));
    spec.addOption(
        Options.path(OUTPUT, "FILE").description("where to write, if not to stdout").build());
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(Options.ignoreExif());
    spec.addPositional(Options.anyImages());
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  ocellus embed --model vit_tiny --normalize photo.jpg",
            "  ocellus embed --model clip --text 'a dog' 'a cat'",
            "  ocellus embed --model vit_tiny --format npy --output photos.npy photos/");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    boolean ofTexts = args.hasMatchedOption("--text");
    if (ofTexts != Options.images(args).isEmpty()) {
      throw new OcellusException(
          "nothing to embed, or too much; give either images or --text TEXT");
    }
    Path output = Options.path(args, OUTPUT);
    if (output != null) {
      Destination.requireWritable(output);
    }
    return ofTexts ? texts(args, console) : images(args, console);
  }

  /** Writes results. */
  @FunctionalInterface
  private interface Results {
    int write(OutputStream out) throws IOException;
  }

  /** Opens what the results go to, which loses what it held: as late as can be. */
  private static int write(ParseResult args, Console console, Results results) throws IOException {
    Path file = Options.path(args, OUTPUT);
    if (file == null) {
      return results.write(console.out());
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      return results.write(out);
    }
  }

  private static int images(ParseResult args, Console console) throws IOException {
    ImageRun run = new ImageRun(console, args);
    requireOther(Options.path(args, OUTPUT), run.images());
    try (ImageEmbedder loaded =
        ImageEmbedder.load(Options.path(args, "--model"), run.modelOptions())) {
      ImageEmbedder embedder = normalizes(args) ? loaded.normalized() : loaded;
      int count = run.images().size();
      int dimension = embedder.dimension();
      return write(
          args,
          console,
          out ->
              run.run(
                  source -> embedder.embed(source.image()),
                  EmbeddingWriters.of(Options.format(args), out, "image", count, dimension)));
    }
  }

  /** Refuses to write over an image. */
  private static void requireOther(Path output, List<ImageSource> images) throws IOException {
    if (output == null || !Files.isRegularFile(output)) {
      return;
    }
    for (ImageSource image : images) {
      Optional<Path> file = image.file().filter(Files::exists);
      if (file.isPresent() && Files.isSameFile(file.get(), output)) {
        throw new OcellusException(
            output + ": is one of the images; name another file to write the results to");
      }
    }
  }

  private static int texts(ParseResult args, Console console) throws IOException {
    List<String> texts = Options.texts(args, "--text");
    try (TextEmbedder loaded =
        TextEmbedder.load(Options.path(args, "--model"), Options.loadOptions(args))) {
      TextEmbedder embedder = normalizes(args) ? loaded.normalized() : loaded;
      List<float[]> vectors = embedder.embed(texts);
      int dimension = embedder.dimension();
      return write(
          args,
          console,
          out -> {
            ResultWriter<float[]> writer =
                EmbeddingWriters.of(Options.format(args), out, "text", texts.size(), dimension);
            for (int i = 0; i < texts.size(); i++) {
              writer.result(texts.get(i), vectors.get(i));
            }
            return ExitCode.DONE;
          });
    }
  }

  private static boolean normalizes(ParseResult args) {
    return args.hasMatchedOption("--normalize");
  }
}
