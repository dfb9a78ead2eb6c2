package ocellus.models;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ocellus.engine.EditDistance;

/** What comes nearest, among the names of what can be run, to the name of what can not. */
final class NearestName {
  /** Names of which one character in so many differs have something to do with each other. */
  private static final int SIMILAR = 5;

  /** More than twice as long as any name; comparing takes time. */
  private static final int LONGEST = 100;

  /** For the rest of a name in {@link Relative#name}. */
  private static final String REST = "*";

  private static final List<Relative> RELATIVES = relatives();

  /**
   * A family that can not be run and the one that does most of what it does.
   *
   * @param prefix how the names of the former begin
   * @param name to compare in place of these names, with {@value NearestName#REST} for what follows
   *     the prefix
   */
  private record Relative(String prefix, String name) {}

  private NearestName() {}

  /** {@code PREFIX<tab>NAME} a line. */
  private static List<Relative> relatives() {
    String resource = "relatives.tsv";
    try (var in = NearestName.class.getResourceAsStream(resource);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(line -> line.split("\t", 2))
          .map(cells -> new Relative(cells[0], cells[1]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /**
   * The nearest of the known names: of a relative where there is one, else by its words.
   *
   * @return empty if none has anything to do with it, or it is too long for a name
   */
  static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<String> relative =
        RELATIVES.stream()
            .filter(r -> name.startsWith(r.prefix))
            .max(Comparator.comparingInt(r -> r.prefix.length()))
            .map(r -> r.name.replace(REST, name.substring(r.prefix.length())));
    String sought = relative.orElse(name);
    return known.stream()
        .min(
            Comparator.<String>comparingInt(k -> EditDistance.betweenNames(k, sought))
                .thenComparing(Comparator.naturalOrder()))
        .filter(
            nearest ->
                isSimilar(nearest, sought)
                    || (relative.isPresent() && firstWord(sought).startsWith(firstWord(nearest))));
  }

  private static boolean isSimilar(String nearest, String name) {
    String word = firstWord(name);
    return EditDistance.betweenNames(nearest, name) * SIMILAR <= name.length()
        || (!word.isEmpty() && firstWord(nearest).startsWith(word));
  }

  /**
   * The first word of an architecture's name, as in {@code vit} of {@code vit_tiny_patch16_224}.
   */
  private static String firstWord(String architecture) {
    return architecture.replaceFirst("^tf_", "").replaceFirst("_.*", "");
  }
}
