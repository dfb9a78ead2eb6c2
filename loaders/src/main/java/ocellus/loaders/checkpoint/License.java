package ocellus.loaders.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The licence that a checkpoint folder declares. */
final class License {
  private static final int FRONT_MATTER_BYTES = 64 << 10;

  private License() {}

  /**
   * The {@code license} of the front matter of {@code README.md}, as the Hugging Face hub has it:
   * YAML between two lines of three dashes. Empty where there is no such file or entry.
   */
  static Optional<String> ofModelCard(Path folder) {
    try (InputStream in = Files.newInputStream(folder.resolve("README.md"))) {
      return inFrontMatter(new String(in.readNBytes(FRONT_MATTER_BYTES), UTF_8));
    } catch (IOException e) {
      return Optional.empty(); // no model card, no licence; nothing depends on it
    }
  }

  private static Optional<String> inFrontMatter(String readme) {
    List<String> lines = readme.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals("---")) {
      return Optional.empty();
    }
    Map<String, String> entries = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      if (line.equals("---")) {
        break;
      }
      int colon = line.indexOf(": ");
      if (colon > 0) {
        entries.putIfAbsent(line.substring(0, colon), unquoted(line.substring(colon + 2)));
      }
    }
    String license = entries.get("license");
    return Optional.ofNullable(
        "other".equals(license) ? entries.getOrDefault("license_name", license) : license);
  }

  private static String unquoted(String scalar) {
    String value = scalar.strip();
    boolean quoted = value.matches("'[^']*'|\"[^\"]*\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
