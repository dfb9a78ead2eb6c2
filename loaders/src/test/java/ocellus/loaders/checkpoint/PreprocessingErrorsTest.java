package ocellus.loaders.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Preprocessing that cannot be known, or cannot be done, is refused, never guessed. */
class PreprocessingErrorsTest {
  @TempDir private Path dir;

  private static String refusal(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      String message =
          assertThrows(CheckpointException.class, checkpoint::preprocessing).getMessage();
      assertEquals(1, message.lines().count(), message);
      return message;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"interpolation\": \"random\"}  | pretrained_cfg.interpolation is \"random\", expected"
            + " one of [nearest",
        "{\"interpolation\": 3}           | pretrained_cfg.interpolation is 3, expected a string",
        "{\"crop_mode\": \"top\"}         | pretrained_cfg.crop_mode is \"top\", expected center,"
            + " squash or border",
        "{\"crop_pct\": -1}               | unusable preprocessing: crop_pct",
        "{\"crop_pct\": \"0.9\"}          | pretrained_cfg.crop_pct is \"0.9\", expected a number",
        "{\"crop_pct\": 1e9}              | unusable preprocessing: ",
        "{\"input_size\": [1, 28, 28]}    | pretrained_cfg.input_size has 1 channels; images have"
            + " 3",
        "{\"input_size\": [3, 224]}       | pretrained_cfg.input_size is [3, 224], expected"
            + " channels, height and width",
        "{\"input_size\": [3, 0, 224]}    | expected channels, height and width",
        "{\"input_size\": 224}            | pretrained_cfg.input_size is 224, expected a list of"
            + " integers",
        "{\"mean\": [0.5]}                | unusable preprocessing: mean",
        "{\"mean\": [0.5, 0.5, \"x\"]}    | pretrained_cfg.mean is [0.5, 0.5, x], expected a list"
            + " of numbers",
        "{\"std\": [0, 0.5, 0.5]}         | unusable preprocessing: ",
      })
  void ofTimm(String pretrainedCfg, String expected) throws IOException {
    String message = refusal(Folders.timm(dir, pretrainedCfg));
    assertTrue(message.startsWith(dir.getFileName() + "/config.json: "), message);
    assertTrue(message.contains(expected), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"image_processor_type\": \"SamImageProcessor\"} | image_processor_type is"
            + " SamImageProcessor, expected one of ViTImageProcessor, DeiTImageProcessor",
        "{\"image_processor_type\": 1}         | image_processor_type is 1, expected a string",
        "{\"size\": {\"longest_edge\": 224}}   | size has longest_edge, which ViTImageProcessor"
            + " cannot use",
        "{\"size\": {\"height\": 224}}         | size has height, which",
        "{\"size\": {\"height\": 1.5, \"width\": 2}} | size.height is 1.5, expected an integer",
        "{\"size\": {\"height\": 0, \"width\": 2}}   | unusable preprocessing: ",
        "{\"size\": \"224\"}                   | size is \"224\", expected an object",
        "{\"size\": [224]}                     | size is [224], expected an object",
        "{\"size\": null}                      | size is missing, expected an object",
        "{\"size\": {\"shortest_edge\": 224}}  | unusable preprocessing: ",
        "{\"do_resize\": false}                | unusable preprocessing: ",
        "{\"do_resize\": 1}                    | do_resize is 1, expected true or false",
        "{\"do_center_crop\": true}            | crop_size is missing, expected an object",
        "{\"do_center_crop\": true, \"crop_size\": {\"shortest_edge\": 9}} | crop_size has"
            + " shortest_edge, which",
        "{\"resample\": 6}                     | resample is 6, which is no filter of Pillow",
        "{\"resample\": \"bicubic\"}           | resample is \"bicubic\", expected an integer",
        "{\"image_mean\": null}                | image_mean is missing, expected a list of numbers",
        "{\"image_mean\": [0.5, 0.5]}          | unusable preprocessing: mean",
        "{\"image_std\": [0, 0, 0]}            | unusable preprocessing: ",
        "{\"rescale_factor\": \"1/255\"}       | rescale_factor is \"1/255\", expected a number",
        "{\"do_pad\": true}                    | do_pad is true, which is not supported",
        "{\"image_processor_type\": \"CLIPImageProcessor\", \"use_square_size\": true} |"
            + " use_square_size is true, which",
        "{\"image_processor_type\": \"ConvNextImageProcessor\", \"size\": {\"height\": 9,"
            + " \"width\": 9}} | size has height and width, which ConvNextImageProcessor",
        "{\"image_processor_type\": \"ConvNextImageProcessor\", \"size\": 224, \"do_center_crop\":"
            + " true, \"crop_size\": 200} | crop_size is not the size to which"
            + " ConvNextImageProcessor crops already",
        "{\"image_processor_type\": \"Siglip2ImageProcessor\", \"max_num_patches\": 0} | unusable"
            + " preprocessing: size 16 x 0 is not positive",
        "{\"image_processor_type\": \"Siglip2ImageProcessor\", \"patch_size\": null} | patch_size"
            + " is missing, expected an integer",
      })
  void ofTransformers(String processor, String expected) throws IOException {
    String message = refusal(Folders.vit(dir, processor));
    assertTrue(message.startsWith(dir.getFileName() + "/preprocessor_config.json: "), message);
    assertTrue(message.contains(expected), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"crop_pct\": 1e-9}",
        "{\"input_size\": [3, 100000, 100000]}",
        "{\"input_size\": [3, 224, 5000], \"crop_mode\": \"squash\"}",
      })
  void absurdSizesOfTimm(String pretrainedCfg) throws IOException {
    assertTrue(refusal(Folders.timm(dir, pretrainedCfg)).contains("no more than 4096"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"size\": 2000000000}",
        "{\"do_center_crop\": true, \"crop_size\": 5000}",
        "{\"image_processor_type\": \"ConvNextImageProcessor\", \"size\": 224, \"crop_pct\": 0}",
        "{\"image_processor_type\": \"Siglip2ImageProcessor\", \"patch_size\": 2000000000}",
        "{\"image_processor_type\": \"Siglip2ImageProcessor\", \"max_num_patches\": 70000}",
      })
  void absurdSizesOfTransformers(String processor) throws IOException {
    assertTrue(refusal(Folders.vit(dir, processor)).contains("no more than 4096"));
  }

  @Test
  void noProcessorConfiguration() throws IOException {
    String message = refusal(Folders.vit(dir, null));
    assertTrue(
        message.startsWith(dir.getFileName() + ": no preprocessor_config.json, so"), message);
  }

  @Test
  void patchesOfAnotherSizeThanTheNetworks() throws IOException {
    String message =
        refusal(
            Folders.checkpoint(
                dir,
                "{\"model_type\": \"siglip2\", \"vision_config\": {\"patch_size\": 14}}",
                "{\"patch_size\": 28}"));
    assertTrue(message.contains("patch_size is 28, but the network's patches have 14"), message);
  }

  @Test
  void neitherProcessorNorModelSayWhichClass() throws IOException {
    String message =
        refusal(Folders.checkpoint(dir, "{\"model_type\": \"dinov2_with_registers\"}", "{}"));
    assertTrue(message.contains("image_processor_type is missing"), message);
    assertTrue(message.contains("dinov2_with_registers"), message);
    assertTrue(message.contains("BitImageProcessor"), message);
  }
}
