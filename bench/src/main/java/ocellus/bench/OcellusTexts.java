package ocellus.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ocellus.loaders.tokenizer.Tokenizer;
import ocellus.models.LoadOptions;
import ocellus.models.TextEmbedder;

/** Ocellus on the text tower of a checkpoint and prompts, which it also cuts into tokens. */
final class OcellusTexts implements Side {
  private static final List<String> TEMPLATES =
      List.of(
          "a photo of a %s.",
          "a drawing of the %s.",
          "%s",
          "a blurry picture of a small %s, seen from far away.",
          "my %s in the snow.",
          "art of one %s.",
          "there is a %s in this picture of a street.",
          "a black and white photo of the %s.");

  private static final List<String> THINGS =
      List.of("dog", "fire engine", "coffee mug", "lighthouse", "sea urchin", "mountain bike");

  private final TextEmbedder model;
  private final List<String> prompts = new ArrayList<>();
  private final long[][] ids;

  OcellusTexts(Path directory, int threads, int batch) {
    model = TextEmbedder.load(directory, LoadOptions.defaults().withThreads(threads));
    for (int i = 0; i < batch; i++) {
      String thing = THINGS.get(i / TEMPLATES.size() % THINGS.size());
      prompts.add(TEMPLATES.get(i % TEMPLATES.size()).formatted(thing));
    }
    Tokenizer tokenizer = Tokenizer.load(directory);
    ids = new long[batch][];
    for (int i = 0; i < batch; i++) {
      int[] text = tokenizer.encode(prompts.get(i)).ids();
      ids[i] = new long[text.length];
      for (int t = 0; t < text.length; t++) {
        ids[i][t] = text[t];
      }
    }
  }

  /** The prompts as others get them, {@code [batch, context]}. */
  long[][] ids() {
    return ids;
  }

  @Override
  public String name() {
    return "Ocellus";
  }

  @Override
  public float[] logits() {
    return model.embed(prompts).getFirst();
  }

  @Override
  public double[] passes(double millis) {
    return Side.time(() -> model.embed(prompts), millis);
  }

  @Override
  public void close() {
    model.close();
  }
}
