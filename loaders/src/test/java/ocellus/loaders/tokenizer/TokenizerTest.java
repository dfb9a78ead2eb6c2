package ocellus.loaders.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CLIP vocabulary of a few words: what frames a text, and what is wrong with files. */
class TokenizerTest {
  private static final int CONTEXT = 8;
  private static final List<String> MERGES = List.of("c a", "ca t</w>", "d o", "do g</w>");
  private static final int FIRST_MERGE = 512;
  private static final int CAT = FIRST_MERGE + 1;
  private static final int DOG = FIRST_MERGE + 3;
  private static final int START = FIRST_MERGE + 4;
  private static final int END = FIRST_MERGE + 5;

  @TempDir private Path folder;

  @BeforeEach
  void writeFolder() throws IOException {
    StringBuilder vocabulary = new StringBuilder("{");
    String bytes = ByteAlphabet.inOrder();
    for (int i = 0; i < 2 * bytes.length(); i++) {
      String symbol = String.valueOf(bytes.charAt(i % bytes.length()));
      String token = i < bytes.length() ? symbol : symbol + "</w>";
      String quoted = token.replace("\\", "\\\\").replace("\"", "\\\"");
      vocabulary.append("\"%s\": %d, ".formatted(quoted, i));
    }
    for (int i = 0; i < MERGES.size(); i++) {
      String token = MERGES.get(i).replace(" ", "");
      vocabulary.append("\"%s\": %d, ".formatted(token, FIRST_MERGE + i));
    }
    vocabulary.append("\"<|startoftext|>\": %d, \"<|endoftext|>\": %d}".formatted(START, END));
    write("vocab.json", vocabulary.toString());
    write("merges.txt", "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
    write(
        "config.json",
        "{\"model_type\": \"clip\", \"text_config\": {\"max_position_embeddings\": %d}}"
            .formatted(CONTEXT));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text, UTF_8);
  }

  private int[] ids(String text) {
    return Tokenizer.load(folder).encode(text).ids();
  }

  private static int[] padded(int... ids) {
    int[] all = Arrays.copyOf(ids, CONTEXT);
    Arrays.fill(all, ids.length, CONTEXT, END);
    return all;
  }

  @Test
  void textIsFramedAndPadded() {
    TextTokens tokens = Tokenizer.load(folder).encode("Cat  dog");
    assertArrayEquals(padded(START, CAT, DOG, END), tokens.ids());
    assertEquals(4, tokens.length());
    assertFalse(tokens.truncated());
    assertTrue(tokens.isText(3) && !tokens.isText(4));
    assertArrayEquals(padded(START, END), ids(""));
  }

  /** The towers are those that the weights are of, so the tokenizer has to be. */
  @Test
  void weightsTellWhichOfTwoConfigurationsCounts() throws IOException {
    write("open_clip_config.json", "{\"model_cfg\": {\"vision_cfg\": {}, \"text_cfg\": {}}}");
    assertEquals(END, Tokenizer.load(folder).paddingId());
    write("open_clip_model.safetensors", "");
    assertEquals(0, Tokenizer.load(folder).paddingId());
    write("model.safetensors", "");
    assertEquals(END, Tokenizer.load(folder).paddingId());
  }

  @Test
  void theEndTokenStaysWhereTheTextIsCut() {
    TextTokens tokens = Tokenizer.load(folder).encode("cat cat cat cat cat cat dog");
    assertArrayEquals(new int[] {START, CAT, CAT, CAT, CAT, CAT, CAT, END}, tokens.ids());
    assertTrue(tokens.truncated());
    assertFalse(Tokenizer.load(folder).encode("cat cat cat cat cat cat").truncated());
  }

  @Test
  void whatTheTokenizerConfigSaysCounts() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"CLIPTokenizerFast\", \"padding_side\": \"left\","
            + " \"pad_token\": \"!\", \"model_max_length\": 6}");
    TextTokens tokens = Tokenizer.load(folder).encode("dog");
    assertArrayEquals(new int[] {0, 0, 0, START, DOG, END}, tokens.ids());
    assertEquals(3, tokens.offset());
  }

  @Test
  void loneSurrogatesCountAsReplacementCharacters() {
    assertArrayEquals(ids("\ufffd cat"), ids("\ud800 cat"));
    assertEquals(FIRST_MERGE + 6, Tokenizer.load(folder).vocabularySize());
  }

  private void assertRefused(String... expected) {
    String message =
        assertThrows(CheckpointException.class, () -> Tokenizer.load(folder)).getMessage();
    for (String part : expected) {
      assertTrue(message.contains(part), message);
    }
    assertEquals(1, message.lines().count());
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    Files.delete(folder.resolve("merges.txt"));
    assertRefused("no tokenizer", "vocab.json with merges.txt");
  }

  @Test
  void timmsConfigurationHasNoTokenizer() throws IOException {
    write("config.json", "{\"architecture\": \"vit_base_patch16_clip_224\"}");
    write("model.safetensors", "");
    assertRefused("config.json is timm's", "without tokenizer");
    write("open_clip_config.json", "{\"model_cfg\": {\"vision_cfg\": {}, \"text_cfg\": {}}}");
    assertRefused("config.json is timm's", "open_clip_model.safetensors");
    write("open_clip_model.safetensors", "");
    assertEquals(0, Tokenizer.load(folder).paddingId());
    Files.delete(folder.resolve("open_clip_model.safetensors"));
    Files.delete(folder.resolve("model.safetensors"));
    assertEquals(0, Tokenizer.load(folder).paddingId());
    Files.delete(folder.resolve("config.json"));
    Files.delete(folder.resolve("open_clip_config.json"));
    assertRefused("neither transformers' config.json nor open_clip's open_clip_config.json");
  }

  @Test
  void unknownClassesAreNamed() throws IOException {
    write("tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizer\"}");
    assertRefused("unknown tokenizer BertTokenizer", "expected CLIPTokenizer");
  }

  @Test
  void damagedMergesAreNamedByTheirLine() throws IOException {
    write("merges.txt", "#version: 0.2\nc a\nx y z\n");
    assertRefused("merges.txt, line 3", "'x y z'", "two tokens");
    write("merges.txt", "#version: 0.2\nq q\n");
    assertRefused("merges.txt, line 2", "no token 'qq'");
    Files.write(folder.resolve("merges.txt"), new byte[] {'a', ' ', (byte) 0xff});
    assertRefused("merges.txt", "not UTF-8");
  }

  @Test
  void contextsThatCannotBeRightAreRefused() throws IOException {
    write(
        "config.json",
        "{\"model_type\": \"clip\", \"text_config\": {\"max_position_embeddings\": 2}}");
    assertRefused("a context of 2 tokens");
  }
}
