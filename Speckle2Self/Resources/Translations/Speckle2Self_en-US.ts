<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>Compare</name>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the input in the left view and the result in the right one, both linked; unchecked, the views are again as they were.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show result &amp;beside the input</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right view:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the result alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the result over the input and fade it in and out with the slider.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fade</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the result over the input like a curtain, up to a line that the slider moves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Swipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show what was taken away and what was added, in colors.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Difference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part of result:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of the result is seen over the input: 0 shows the input alone, 1 the result alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show every new result beside the input as soon as it is there. Remembered on this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show new results at once</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LivePreview</name>
    <message>
        <source>Live</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Live preview of the frame that is shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle the frame that the slice views show, again whenever you scroll or change a setting. The preview lies over the input and equals what Apply gives for that frame; switched off, the views are as before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the preview covers the input: 0 shows the input alone, 1 the preview alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity of the live preview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State of the live preview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow the input as a live stream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle the input whenever its image changes, as images of OpenIGTLink, PLUS or a camera do, into a volume of its own. The newest frame comes first; frames that cannot be kept up with are dropped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State of the live stream</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Speckle2Self</name>
    <message>
        <source>Inputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Input:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume to despeckle: a grayscale or color image, or the volume through which a sequence (cine loop, tracked sweep) is browsed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>F&amp;rames:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which frames to despeckle. Statistics are always taken from the whole sweep, so one frame comes out the same alone or with the others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame range:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First and last frame to despeckle, counted from 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First frame to despeckle, counted from 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last frame to despeckle, included, counted from 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Output:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume that receives the result. Leave it empty to create a new one, &quot;&lt;input&gt; despeckled (research use)&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create new volume on Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Model:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network that removes the speckle: one that came with the extension, one that was trained on this computer, or one from a file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show what the model is for, what it was trained on, its license, and what is known of its quality and limits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model &amp;card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model file:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model bundle (folder or zip) or weights file (.pth) on this computer. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2Self/ModelPathHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model says of itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Strength:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 gives the input back unchanged; at 0.5 speckle is gone and the texture of tissue is kept; 1 flattens tissue most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strength 0.5: the speckle is gone, the texture of tissue stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Texture kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strength 0.8, the default: tissue is smooth, boundaries stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strength 1.0: tissue is as flat as it gets.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flattest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Device:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the network runs. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the device is, and why</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do exactly what the authors of the method published: per-frame range, full frame, no mask, no rescaling, no tone; frame sizes must be multiples of 16. Strength and the settings below do not apply.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exactly as published</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the local brightness of the input.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep brightness</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find what lies outside the ultrasound sector, and text on the screen, and leave it unchanged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sector mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Intensity range:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the intensity range once for the whole sweep (no flicker) or for every frame on its own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the working scale so that the size of the speckle grain matches what the model was trained on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic working scale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scale (rows, columns):</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working scale by hand: factors by which rows and columns are resampled before the network sees them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working scale of rows.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working scale of rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working scale of columns.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working scale of columns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gamma:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exponent applied to the result, for display only; 1 leaves it linear.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames lie along:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axis of a 3D volume along which its frames lie. Sequences do not need it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels are:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the pixels are: B-mode as scanners show it, envelope, or radio frequency lines (fast time along rows).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dynamic range (dB):</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decibels kept by the log compression of envelope and radio frequency input.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wheel folder:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For computers without a network: folder of Python wheels from which missing packages are installed. Empty: they are downloaded. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2Self/WheelFolderHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set model, strength and everything under Advanced that is saved in the scene to what it was at first. Input, output, frames and device stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset settings to defaults</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle the input (Ctrl+Return).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Return</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2Self</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Removes speckle from ultrasound images, cine loops and tracked sweeps with a neural network, and keeps geometry, transforms and timing. For research, not for diagnosis. See the &lt;a href=&quot;{url}&quot;&gt;documentation&lt;/a&gt;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method: X. Li, N. Navab, Z. Jiang, Speckle2Self: Self-supervised ultrasound speckle reduction without clean data, Medical Image Analysis 2025, 103755, &lt;a href=&quot;https://doi.org/10.1016/j.media.2025.103755&quot;&gt;doi 10.1016/j.media.2025.103755&lt;/a&gt;. Please cite it when you publish results.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was installed. Despeckling needs the packages that Apply offers to install.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: {name}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.Speckle2SelfSubjectHierarchyPlugin</name>
    <message>
        <source>Despeckle...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the module Speckle2Self with this image as input.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.choices</name>
    <message>
        <source>All frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Current frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Once for the whole sweep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For every frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>B-mode (as scanners show it)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Envelope</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radio frequency lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected frames, or all if none is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All frames with a lumen</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.compare_section</name>
    <message>
        <source>Show the input in the left view and the result in the right one, both linked; unchecked, the views are again as they were.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no result to compare with yet; press Apply, or choose an output that has one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are no slice views here to compare in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show what was taken away and what was added, in colors.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left: input. Right: despeckled, research use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right: the result (research use) over the input; the slider fades it in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right: the result (research use) left of the line, the input right of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right: input minus result (research use). Orange was taken away, blue was added; full color from {limit} gray levels on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only one frame was despeckled: browse the input to that frame.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pixels of input and result do not lie on each other.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.dependencies</name>
    <message>
        <source>Trying PyTorch; its first start takes a while.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They will be installed into 3D Slicer from the folder {folder}, without a network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They will be downloaded (some 200 MB; with an NVIDIA graphics card some 3 GB) and installed into Slicer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They will be downloaded and installed into 3D Slicer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{requester} needs these Python packages: {packages}.

{source} This takes some minutes, once; packages that 3D Slicer brings stay as they are. Continue?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.device_line</name>
    <message>
        <source>Last run: {device}, {precision}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU, as you chose.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether PyTorch can use it is known after the first run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the GPU of this Mac</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an NVIDIA GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic: {gpu}, if PyTorch can use it, else the CPU; known after the first run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic: {device} ({reason}; PyTorch {version}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It cannot be used here ({reason}; PyTorch {version}): choose Automatic or CPU.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{device}, as you chose ({reason}; PyTorch {version}).</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.follow_control</name>
    <message>
        <source>Waiting for the first frame of {name}...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: {shown} of {received} frames per second shown, {dropped} dropped. Result: {output}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop following</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the last result stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the volume that the live images arrive in as input first.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.input_info</name>
    <message>
        <source>Sequence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{kind}: {frames} of {columns} x {rows} pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 color frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} color frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.install_trouble</name>
    <message>
        <source>Look into the Python console for the whole output, restart 3D Slicer and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{packages} could not be installed. Reason: {reason}. What to do: {solution}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>there is no package {requirement} for this computer ({system})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use a newer 3D Slicer, or Windows, Linux or a Mac with Apple silicon.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the folder {folder} has no wheel of {requirement} for this computer ({system})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On a computer with a network, the same system and the same 3D Slicer, run &apos;PythonSlicer -m pip download --dest FOLDER {wanted}&apos;, then bring that folder here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the proxy of this network refused the connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run &apos;PythonSlicer -m pip config set global.proxy http://USER:PASSWORD@HOST:PORT&apos; once, or set the environment variable HTTPS_PROXY before 3D Slicer starts, and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the connection is not trusted, as where a proxy opens encrypted connections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask for the certificate file of your network, run &apos;PythonSlicer -m pip config set global.cert FILE&apos; once, and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the network, or the server of the packages, cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that pypi.org, files.pythonhosted.org and download.pytorch.org can be reached. Behind a proxy, run &apos;PythonSlicer -m pip config set global.proxy http://HOST:PORT&apos; once. Without a network, choose a folder with the wheels as Wheel folder in the panel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free 2 GB, or 8 GB for an NVIDIA graphics card, on the disk of 3D Slicer and on that of temporary files, and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file is in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other running 3D Slicers, restart this one and press the button before anything else.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the folder of 3D Slicer cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install 3D Slicer into a folder of your own, or ask who looks after this computer to install the packages with &apos;PythonSlicer -m pip install&apos;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>other versions of numpy, SimpleITK, scipy or torch would be needed than this 3D Slicer has</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Those are kept on purpose, so nothing was changed; use the newest 3D Slicer and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the computer ran out of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.install_window</name>
    <message>
        <source>{requester} - Installing Python packages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.installing</name>
    <message>
        <source>Installing {packages}; this takes some minutes, in which this window may stand still.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension did not install PyTorch; open its module (PyTorch Utils), install there and try again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.job_settings</name>
    <message>
        <source>Choose an input volume first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The input volume has no image; load or choose one that has.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output must not be the input, which is never changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output must be of the same kind as the input, gray or color; or let a new one be created.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames {first} to {last} are not in the input, which has frames 1 to {count}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.live_control</name>
    <message>
        <source>Nothing was installed. Despeckling needs the packages that were offered.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused while another job runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the worker...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.machine</name>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVIDIA GPU (cuda)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apple GPU (mps)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.model_section</name>
    <message>
        <source>Choose a model file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model is not on this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{megabytes} MB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Origin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Intended use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Limits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Authors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please cite</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Place</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has no readable metadata.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>from a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>came with the extension</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>trained on this computer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.models</name>
    <message>
        <source>{name} (trained here)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model file, or a model from the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model {name} is not on this computer; choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no file or folder {path}; choose another model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no segmentation model; choose a bundle, a folder or a .zip file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no model that removes speckle; choose a bundle (a folder or a .zip file) or a .pth file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From file...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (not installed here)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.panel_state</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the scene stays as it was (Ctrl+Return).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle the input (Ctrl+Return).</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.preview_control</name>
    <message>
        <source>Despeckling the first frame...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview, frame {number}: {milliseconds} ms. For research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a scene first.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.progress</name>
    <message>
        <source>Frame {done} of {total}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{position}, {speed}, {left} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending the frames to the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring the sweep and despeckling the first frames...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckling...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{rate} frames per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{seconds} seconds per frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.wheel_folder</name>
    <message>
        <source>The wheel folder {folder} does not exist; choose another one as Wheel folder in the panel, or empty that line to install from the network.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Ultrasound</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.pair</name>
    <message>
        <source>The published method gives gray levels from 0 to 1, other than those of the input.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The result is B-mode, the input is not: their gray levels mean different things.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gamma has changed the gray levels of the result: set it to 1 to see a difference.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
