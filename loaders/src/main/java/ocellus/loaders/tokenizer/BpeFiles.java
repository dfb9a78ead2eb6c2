package ocellus.loaders.tokenizer;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;

/**
 * Reads vocabularies of byte pair encoding: {@code vocab.json} with {@code merges.txt}, and
 * OpenAI's list of merges from which the vocabulary follows.
 */
final class BpeFiles {
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";
  static final String OPENAI = "bpe_simple_vocab_16e6.txt.gz";

  static final String START = "<|startoftext|>";
  static final String END = "<|endoftext|>";

  /** How many merges of OpenAI's list CLIP uses: 49152 - 256 - 2, which leaves room for bytes. */
  private static final int OPENAI_MERGES = 48_894;

  private static final int MAX_BYTES = 64 << 20;

  private BpeFiles() {}

  static boolean exist(Path folder) {
    return Files.exists(folder.resolve(VOCABULARY)) && Files.exists(folder.resolve(MERGES));
  }

  static BpeVocabulary read(Path folder) {
    JsonObject vocabulary = JsonObject.read(folder.resolve(VOCABULARY));
    Path file = folder.resolve(MERGES);
    String source = Printable.name(file);
    List<String> lines = lines(source, file, false);
    List<BpeVocabulary.Pair> pairs = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.isEmpty() && !line.startsWith("#version")) {
        pairs.add(pair(line, source + ", line " + (i + 1)));
      }
    }
    return BpeVocabulary.of(vocabulary.source(), ids(vocabulary), pairs);
  }

  /** OpenAI's list: each byte, each byte at the end of a word, each merge, start and end token. */
  static BpeVocabulary readOpenAi(Path folder) {
    Path file = folder.resolve(OPENAI);
    String source = Printable.name(file);
    List<String> lines = lines(source, file, true);
    if (lines.size() <= OPENAI_MERGES) {
      throw new CheckpointException(
          "%s: %d lines, expected more than %d; fetch it again"
              .formatted(source, lines.size(), OPENAI_MERGES));
    }
    Map<String, Integer> ids = HashMap.newHashMap(2 * OPENAI_MERGES);
    ByteAlphabet.inOrder().chars().forEach(c -> add(ids, Character.toString(c)));
    ByteAlphabet.inOrder().chars().forEach(c -> add(ids, Character.toString(c) + ClipBpe.END));
    List<BpeVocabulary.Pair> pairs = new ArrayList<>(OPENAI_MERGES);
    for (int i = 1; i <= OPENAI_MERGES; i++) { // after a line with the version
      BpeVocabulary.Pair pair = pair(lines.get(i), source + ", line " + (i + 1));
      pairs.add(pair);
      add(ids, pair.left() + pair.right());
    }
    add(ids, START);
    add(ids, END);
    return BpeVocabulary.of(source, ids, pairs);
  }

  private static void add(Map<String, Integer> ids, String token) {
    ids.put(token, ids.size());
  }

  /** The ids of an object whose keys are the tokens. */
  static Map<String, Integer> ids(JsonObject vocabulary) {
    Map<String, Integer> ids = HashMap.newHashMap(vocabulary.keys().size());
    for (String token : vocabulary.keys()) {
      ids.put(token, vocabulary.integer(token));
    }
    return ids;
  }

  private static List<String> lines(String source, Path file, boolean zipped) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = zipped ? new GZIPInputStream(raw) : raw) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CheckpointException(
            "%s: larger than %d MiB, which no list of merges is"
                .formatted(source, MAX_BYTES >> 20));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return List.of(text.split("\r?\n", -1));
    } catch (CharacterCodingException e) {
      throw new CheckpointException(source + ": the text is not UTF-8", e);
    } catch (IOException e) {
      throw new CheckpointException(source + ": cannot be read: " + Printable.reason(e), e);
    }
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
