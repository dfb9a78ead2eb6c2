package ocellus.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import ocellus.engine.OcellusException;
import ocellus.models.ImageIndex;
import ocellus.models.TextEmbedder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus search}: the images of a folder that words describe best. */
final class SearchCommand implements Command {
  private static final int DEFAULT_TOP = 10;

  @Override
  public String name() {
    return "search";
  }

  @Override
  public String summary() {
    return "find the images of a folder that fit words best, with CLIP or SigLIP";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.model().required(true).description("folder of the checkpoint").build());
    spec.addOption(Options.top(Integer.toString(DEFAULT_TOP)));
    spec.addOption(
        Options.path("--index", "FILE")
            .description("where the vectors of the images are kept; in the user's cache if absent")
            .build());
    spec.addOption(Options.format("text", "jsonl", "csv"));
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(Options.ignoreExif());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("FOLDER")
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .converters(Options::convertPath)
            .description("the folder with the images")
            .build());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("QUERY")
            .index("1..*")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("what to look for, in words")
            .build());
    spec.usageMessage()
        .footer(
            "",
            "Images that are new or have changed are embedded first; the others' vectors are kept.",
            "",
            "Examples:",
            "  ocellus search --model clip photos 'a dog on a beach'",
            "  ocellus search --model clip --top 3 --format jsonl photos sunset 'red car'");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    Path folder = args.matchedPositionalValue(0, null);
    List<String> queries = args.matchedPositionalValue(1, List.of());
    if (queries.stream().anyMatch(String::isBlank)) {
      throw new OcellusException("a query is blank; say in words what to look for");
    }
    int top = args.matchedOptionValue("--top", DEFAULT_TOP);
    Path model = Options.path(args, "--model");
    FolderIndex images = new FolderIndex(args, console, folder, storage(args, folder, model));
    List<float[]> vectors;
    try (TextEmbedder texts = TextEmbedder.load(model, Options.loadOptions(args))) {
      vectors = texts.normalized().embed(queries);
    }
    FolderIndex.Updated updated = images.update();
    SearchWriter writer = SearchWriter.of(Options.format(args), new LineWriter(console.out()));
    try (ImageIndex index = updated.index()) {
      for (int i = 0; i < queries.size(); i++) {
        writer.result(queries.get(i), folder, index.search(vectors.get(i), top));
      }
    }
    return updated.code();
  }

  private static FolderIndex.Storage storage(ParseResult args, Path folder, Path model) {
    // Vectors depend on the checkpoint, and on what the options make of weights and pictures. Names
    // tell pictures apart in one folder only.
    String options =
        args.matchedOptionValue("--weights", "as stored")
            + (Options.ignoresExif(args) ? ", not turned" : ", upright");
    String vectors = String.join(" ", ImageIndex.keyOf(model), options, absolute(folder));
    ImageIndex.Key key = new ImageIndex.Key(vectors, Program.ownVersion());
    Path named = Options.path(args, "--index");
    Path file = named == null ? defaultFile(absolute(folder), absolute(model), options) : named;
    return new FolderIndex.Storage(file, named != null, key, FolderIndex.KEEP_NANOS);
  }

  /** The path without links, so that it is of no other folder; of one that is not there, as is. */
  private static String absolute(Path folder) {
    try {
      return folder.toRealPath().toString();
    } catch (IOException e) {
      return folder.toAbsolutePath().toString();
    }
  }

  /** A file for a combination of these, in the user's cache. */
  private static Path defaultFile(String... combination) {
    byte[] identity = String.join("\n", combination).getBytes(StandardCharsets.UTF_8);
    return UserFolders.cache()
        .resolve("search-" + UUID.nameUUIDFromBytes(identity) + ".safetensors");
  }
}
