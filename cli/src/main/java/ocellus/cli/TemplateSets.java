package ocellus.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.loaders.text.TextLines;

/** Sets of templates for zero-shot classification: by name, or one template a line of a file. */
final class TemplateSets {
  /** One template. */
  static final String SIMPLE = "simple";

  /** The 80 that OpenAI evaluated CLIP with on ImageNet, from a file that the user has. */
  static final String OPENAI_IMAGENET = "openai-imagenet";

  static final String SIMPLE_TEMPLATE = "a photo of a {}.";

  /** Where open_clip has the templates, as functions of Python. */
  static final String EXPORT =
      "python -c \"import open_clip; print(*(t('{}') for t in open_clip.OPENAI_IMAGENET_TEMPLATES),"
          + " sep='\\n')\"";

  private TemplateSets() {}

  /**
   * The templates of a set.
   *
   * @param set {@link #SIMPLE}, {@link #OPENAI_IMAGENET} or a file
   * @param model the folder of the checkpoint, where named sets are looked for first
   * @param configuration the folder with the user's templates
   * @throws OcellusException if there is no such file, or no template in it
   */
  static List<String> read(Path set, Path model, Path configuration) {
    return switch (set.toString()) {
      case SIMPLE -> List.of(SIMPLE_TEMPLATE);
      case OPENAI_IMAGENET -> readFile(find(OPENAI_IMAGENET + ".txt", model, configuration));
      default -> readFile(set);
    };
  }

  private static Path find(String name, Path model, Path configuration) {
    Path beside = model.resolve(name);
    Path own = configuration.resolve("templates").resolve(name);
    if (Files.exists(beside)) {
      return beside;
    }
    if (Files.exists(own)) {
      return own;
    }
    throw new OcellusException(
        "no %s in %s nor in %s; write OpenAI's 80 templates there, one a line, as with: %s"
            .formatted(name, model, own.getParent(), EXPORT));
  }

  private static List<String> readFile(Path file) {
    List<String> read = TextLines.read(file);
    if (read.isEmpty()) {
      throw new OcellusException(file + ": there are no templates in it; write one a line");
    }
    return read.stream().map(String::strip).toList();
  }
}
