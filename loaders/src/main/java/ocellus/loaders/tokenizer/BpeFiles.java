package ocellus.loaders.tokenizer;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;

/** Reads vocabularies of byte pair encoding: {@code vocab.json} with {@code merges.txt}. */
final class BpeFiles {
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";

  private BpeFiles() {}

  static BpeVocabulary read(Path folder) {
    JsonObject vocabulary = JsonObject.read(folder.resolve(VOCABULARY));
    Path merges = folder.resolve(MERGES);
    return BpeVocabulary.of(
        vocabulary.source(), ids(vocabulary), pairs(Printable.name(merges), lines(merges)));
  }

  /** The ids of an object whose keys are the tokens. */
  static Map<String, Integer> ids(JsonObject vocabulary) {
    Map<String, Integer> ids = HashMap.newHashMap(vocabulary.keys().size());
    for (String token : vocabulary.keys()) {
      ids.put(token, vocabulary.integer(token));
    }
    return ids;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(Printable.name(file) + ": the text is not UTF-8", e);
    } catch (IOException e) {
      throw new CheckpointException(
          Printable.name(file) + ": cannot be read: " + Printable.reason(e), e);
    }
  }

  /** A pair a line, after a line with the version. */
  private static List<BpeVocabulary.Pair> pairs(String source, List<String> lines) {
    List<BpeVocabulary.Pair> pairs = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.isEmpty() && !line.startsWith("#version")) {
        pairs.add(pair(line, source + ", line " + (i + 1)));
      }
    }
    return pairs;
  }

  /** Two tokens with a space between them. */
  static BpeVocabulary.Pair pair(String text, String where) {
    int space = text.indexOf(' ');
    if (space <= 0 || space == text.length() - 1 || text.indexOf(' ', space + 1) >= 0) {
      throw new CheckpointException(
          "%s: '%s', expected two tokens with a space between them"
              .formatted(where, Printable.clip(text)));
    }
    return new BpeVocabulary.Pair(text.substring(0, space), text.substring(space + 1), where);
  }
}
