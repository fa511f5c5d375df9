"""A small picture classifier as a data scientist would hand it over: a SavedModel, made with Keras in seconds.

    python make_saved_model.py FOLDER

It tells which colour prevails: red, green or blue. It takes float32 [n, 64, 64, 3] in -1..1.
"""

import sys

import keras
import numpy as np

SIDE = 64


def pictures(count, seed):
    """Blurred noise with a tint, as uint8, and the colour that prevails in each."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (count, 8, 8, 3))
    tint = random.integers(-70, 71, (count, 1, 1, 3))
    large = np.clip(coarse + tint, 0, 255).repeat(SIDE // 8, axis=1).repeat(SIDE // 8, axis=2)
    return large.astype(np.uint8), large.mean(axis=(1, 2)).argmax(axis=1)


def classifier():
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            keras.layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(max_value=6),
            keras.layers.DepthwiseConv2D(3, padding="same", activation="relu"),
            keras.layers.Conv2D(16, 1, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def main(folder):
    keras.utils.set_random_seed(7)
    model = classifier()
    images, colours = pictures(2_000, seed=1)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images / 127.5 - 1, colours, epochs=8, batch_size=64, verbose=0)
    unseen, truth = pictures(500, seed=2)
    _, accuracy = model.evaluate(unseen / 127.5 - 1, truth, verbose=0)
    model.export(folder, verbose=False)
    print(f"{folder}: {accuracy:.1%} of 500 unseen pictures are right")


if __name__ == "__main__":
    main(sys.argv[1])
