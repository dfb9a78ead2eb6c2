package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.Consumer;
import ocellus.engine.OcellusException;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.models.TextModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.TextGoldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The towers of CLIP and SigLIP as transformers saves them; see make_clip_goldens.py. */
class TransformersClipTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "both_towers",
        "mistaken_end",
        "vision_projected",
        "vision_pooled",
        "classifier",
        "siglip"
      })
  void everyStageOfImagesEqualsTheReference(String name) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("clip/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (TransformersConfig) checkpoint.config();
      Goldens.of("clip/" + name)
          .verify(VisionTransformer.transformers(config, checkpoint.weights(), Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "both_towers",
        "mistaken_end",
        "text_projected",
        "text_pooled",
        "siglip",
        "siglip_text",
        "siglip_masked",
        "siglip_masked_left",
        "text_masked",
        "text_masked_left"
      })
  void everyStageOfTextsEqualsTheReference(String name) {
    withTexts(name, TextGoldens.of("clip/" + name)::verify);
  }

  /** Of the golden texts the first is as long as can be, the second empty. */
  @Test
  void noTokenBehindTheEndIsComputed() {
    List<TextTokens> texts = TextGoldens.of("clip/both_towers").texts();
    withTexts("both_towers", model -> assertEquals(12, model.rows(texts.get(0))));
    withTexts("both_towers", model -> assertEquals(2, model.rows(texts.get(1))));
    withTexts("siglip", model -> assertEquals(12, model.rows(texts.get(1))));
  }

  /** But for the token that is pooled. */
  @Test
  void noMaskedPaddingIsComputed() {
    List<TextTokens> right = TextGoldens.of("clip/siglip_masked").texts();
    withTexts("siglip", model -> assertEquals(12, model.rows(right.get(0))));
    withTexts("siglip", model -> assertEquals(3, model.rows(right.get(1))));
    List<TextTokens> left = TextGoldens.of("clip/siglip_masked_left").texts();
    withTexts("siglip", model -> assertEquals(2, model.rows(left.get(1))));
  }

  /** CLIP's padding is its end token, the first of which is pooled. */
  @Test
  void aPooledTokenThatHearsNothingIsRefused() {
    TextTokens text =
        new TextTokens(new int[] {39, 39, 39, 39, 39, 39, 39, 39, 39, 38, 5, 39}, 9, 3, false);
    withTexts(
        "both_towers",
        model -> {
          var e =
              assertThrows(
                  OcellusException.class, () -> model.features(List.of(text), new Workspace()));
          assertTrue(e.getMessage().contains("set padding_side in"), e.getMessage());
          assertEquals(1, model.rows(text.unmasked()));
        });
  }

  @Test
  void aTextWithoutAnEndIsPooledAtItsBeginning() {
    withTexts(
        "both_towers",
        model -> {
          TextTokens text = TextTokens.of(new int[12]);
          assertEquals(1, model.rows(text));
          assertEquals(6, model.features(List.of(text), new Workspace()).size());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 40})
  void tokensBeyondTheVocabularyAreRefused(int id) {
    withTexts(
        "both_towers",
        model -> {
          TextTokens ids = TextTokens.of(38, id, 39, 39, 39, 39, 39, 39, 39, 39, 39, 39);
          var e =
              assertThrows(
                  OcellusException.class, () -> model.features(List.of(ids), new Workspace()));
          assertTrue(e.getMessage().contains("token id " + id + " is beyond"), e.getMessage());
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'model_type': 'clip', 'architectures': ['CLIPForImageClassification'] | expected one of [CLIPModel]
          'model_type': 'siglip', 'architectures': ['SiglipForImageClassification'] | expected one of [SiglipModel]
          'model_type': 'clip_text_model', 'architectures': ['CLIPTextModel'], 'hidden_size': 7 | the width 7
          'model_type': 'clip_text_model', 'architectures': ['CLIPTextModel'], 'vocab_size': 0 | the tokens 0
          'model_type': 'clip_text_model', 'architectures': ['CLIPTextModel'], 'hidden_act': 'mish' | hidden_act is mish
          'model_type': 'clip_text_model', 'architectures': ['CLIPTextModel'], 'eos_token_id': [1, 2] | eos_token_id is [1, 2]
          """)
  void badConfigurationsAreNamed(String entries, String part) {
    TransformersConfig bad = TransformersConfig.of(TimmConfigs.json("{" + entries + "}"));
    TimmConfigs.assertRefused(part, () -> new TransformersText(bad).config());
  }

  @Test
  void aTowerOfImagesHasNoTexts() {
    var e =
        assertThrows(
            CheckpointException.class, () -> withTexts("vision_projected", model -> fail()));
    String part = "architectures is [CLIPVisionModelWithProjection], expected one of [CLIPModel]";
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static void withTexts(String name, Consumer<TextModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("clip/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (TransformersConfig) checkpoint.config();
      test.accept(TextTowers.transformers(config, checkpoint.weights(), Packer.into(arena)));
    }
  }
}
