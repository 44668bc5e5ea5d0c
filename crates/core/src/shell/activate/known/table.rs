//! The digests of scripts whose values were taken out, with a version that wrote them and whether
//! they keep the shell from evaluating the prompt.
//!
//! A test of the parent prints the rows for environments that are at hand.

/// The tool that a script comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// virtualenv.
    Virtualenv,
    /// venv of the standard library.
    Venv,
    /// uv.
    Uv,
    /// This program.
    Venvwrap,
}

/// Every script that is known, of both languages.
pub(super) const KNOWN: [(&str, Generator, &str, bool); 58] = [
    ("6b010428665880bf76cda27bf1b3d043dd57c58bbfbf9ed23590d540af7434e3", Generator::Uv, "0.1.45", false),
    ("69d591435d56068258060ffe5418fce2ac0f78808fa37bfec81668f0e900f1aa", Generator::Uv, "0.2.37", false),
    ("b742dc8be6479164e447c49b9f2943d53ec4d43c5a68eeedac5014384c173adb", Generator::Uv, "0.2.37", false),
    ("11b3b945bb626bfd1250695177d7656a78ab9d8b73e2c52155d6025aeafb354b", Generator::Uv, "0.4.30", false),
    ("4fe815cefefdfad0640f986027bc8b19b08d9d0b55628f798b9cc6b120ba6cdd", Generator::Uv, "0.4.30", false),
    ("90bc1d17e3327da842b5897e4b86ea55ae9dceeebe7944e7acb137bd15bd801d", Generator::Uv, "0.4.30", false),
    ("1cdd5de12e95104be611da5abe8ee41f41cff016a74c9cf690ccc9a719f1f135", Generator::Uv, "0.6.17", false),
    ("2897e3e45efa940d5e09dd66f30445e44dcc22f0303b2ca31dbf440ec6c7c52a", Generator::Uv, "0.6.17", false),
    ("26e4ae0b9242e2348effcd8dc9faa062b5f14336ee51fb24fe690ca5c3f1d631", Generator::Uv, "0.7.22", false),
    ("c4fda7d95d5c5c58738f84953e9e462017a2af08b83a18ac05f0cf38db0f1fff", Generator::Uv, "0.7.22", false),
    ("03866b6ac859e04d29c6b886f199028e8fb68683df37e05f189363694a3b937c", Generator::Uv, "0.8.24", false),
    ("b2ba29384ebdd63c4222e1ce5d2ce55dd7d52b98eecea3328623d78b6fbc7b5d", Generator::Uv, "0.10.0", false),
    ("16888fc9f9f7f070406f1253c7285329c793d12db6652748a682817e9a1eb289", Generator::Uv, "0.12.5", false),
    ("745eb396e7bb8717b0d2d23514a89958a889d4e59a7ee08354cc5c239de57bc8", Generator::Uv, "0.12.5", false),
    ("863ae6c91379b1656898fa4ac4377e2c940e021958dc501acdf1624bfbed093d", Generator::Uv, "0.12.5", false),
    ("e971e3fa69a43a6c70cd30dbdadbc8705b644703ebe8c2930f4718797083ca1d", Generator::Uv, "0.12.5", false),
    ("58f7b177cb19649113565bb0517eabfbae82082257091c1559ef0ed228cb3378", Generator::Uv, "0.13.8", false),
    ("8ae600056ce0c31ba48961596b2c375114d737f1e505fafe243f82499764b6f2", Generator::Uv, "0.13.8", false),
    ("06acb4c1bb319b20340d46fb8e35da8c0bce5c61ee44923b0f8e95bd8db050ce", Generator::Venv, "3.6.15", false),
    ("c89a8481fb2ccd400cc21e211a127f94760673848287aa33196a95c2667e7ef9", Generator::Venv, "3.6.15", false),
    ("3a12beffe92421e8d7b8664451e0a0a542d7da8c4ba8bbc95079c2a70cd9dfd4", Generator::Venv, "3.7.16", false),
    ("b5c60e54b2c990fc7ed605d479eff14c7f0999b551aa3d0cf87b4818cf0f9bdf", Generator::Venv, "3.7.16", false),
    ("808a76cbd963872d6efca098970cb04fd2f2e097b7fe16922817794ef96afc2f", Generator::Venv, "3.8.18", false),
    ("9fd8ca06e910ceb7eb89be937a581d57f532e98902b71b2a46961e6a9f878ace", Generator::Venv, "3.8.18", false),
    ("3f50e83861663a37ae4548655b9bbdc44f22cc4646961d4107a53167baafb1da", Generator::Venv, "3.9.18", false),
    ("cbec55451d89b7d4d97bf01d98fd8d48b65dd8600925509d85298350b04a5c24", Generator::Venv, "3.9.18", false),
    ("47dba811b036e2ffe59764d7a05025e549bfaa94ea745bb3a5c9041a12db810f", Generator::Venv, "3.10.13", false),
    ("5e9e3b0635aae4fd9284d02d694112e09543ef20f3a53c6acebd756536048ed6", Generator::Venv, "3.10.13", false),
    ("5e2342b55fb546bec2bd8ea9cf13f1d60647a5237957ecf7a2fe65a1ac66bfbc", Generator::Venv, "3.11.2", false),
    ("c7cb26db1d166ed3ef6418a4c434031d6e991831805527e610fe2344b21b7a2d", Generator::Venv, "3.11.2", false),
    ("5af5e6a2da39de9e4465088cc46c6148bf485f278fffd100b0370ea49ced9221", Generator::Venv, "3.11.7", false),
    ("54d30669cd9616951a98ac14bbeb6e12a2489eff092eef4e93e5268a9ee482cc", Generator::Venv, "3.12.1", false),
    ("a1d4dcf6650a58b248ff64b196c0327018cab69c2abeec309e64375365383887", Generator::Venv, "3.12.1", false),
    ("4f36ab91a01100bc0c5336c1bf37f3ec33e27d78edf00f1e6318ffd38ef43e45", Generator::Venv, "3.13.0", false),
    ("5e9a98637aad839dfbce078a2ab9d7e883bb4fdd977ea3527e5ab5d3c13d7d07", Generator::Venv, "3.13.0", false),
    ("6e2629da4c34bb4456dffcf360acce755f54f71908eb300176d38a0fb43e6945", Generator::Virtualenv, "20.0.35", false),
    ("dbab64e3795f9b047a45f6b9e1493e43b1e169369fbcac1eb711d0220dd35fd9", Generator::Virtualenv, "20.0.35", false),
    ("047f5acbd249459a76de48ae38a11376a304c31a17d406dedd50b694e7452a56", Generator::Virtualenv, "20.21.1", false),
    ("77783d3a3563bbd5d7728f4a7e7e9fc3a38a7bf7baadaf2672520b71c0aa5393", Generator::Virtualenv, "20.21.1", false),
    ("f447a568c01c50c2255c324e14c5fe9e3e3cde2f2a174b27c68d75d0ec0d0a1f", Generator::Virtualenv, "20.24.7", false),
    ("6067b124237ffd63163324680f699cb477f4a12bc5a8d21946b12fa4ae29d992", Generator::Virtualenv, "20.25.3", false),
    ("f2c70a0b10b7f1ffcac4235f733985c887c8aa3d26190d591181e9cc5f029d97", Generator::Virtualenv, "20.25.3", false),
    ("1bcb1e94056fb1f9631618bb9d8754a27f431b8128caf2f32c764a866de70a42", Generator::Virtualenv, "20.27.1", false),
    ("7e352a8fc35725f6c7ee2e4f046563ac9611cbfbbb04ac439e35c62c5ba4f5cd", Generator::Virtualenv, "20.32.0", false),
    ("e7f17844caee30d50a9ab53f0619ab3af2384c0a388744335c890c9fc02510f8", Generator::Virtualenv, "20.32.0", false),
    ("13a6799d67897478693630968941f35c23a87accdeac3f65972daa3a0fef469d", Generator::Virtualenv, "20.33.1", false),
    ("713ce23411223ab879484eef625227a68dae0ce15d2273034ad48cc884f769bb", Generator::Virtualenv, "20.33.1", false),
    ("55ac8b0c0aa1f5e71fbfb2846f01bb1603d820cc5c19b2598126d9057083ffe4", Generator::Virtualenv, "20.36.1", false),
    ("6c463b3372472fdab55c69b4ec63b7941d699d12b7ad3aec7673aa84dc8faf42", Generator::Virtualenv, "21.0.0", false),
    ("a88ecf629c3b7a5d46d126326dde980a4269b470441c7a50068bb3e5f3a3d490", Generator::Virtualenv, "21.2.4", false),
    ("a8b5fac735a895dc023f299d404bedc09768bf822d0f1d387040f6264231b183", Generator::Virtualenv, "21.2.4", false),
    ("78853fa9073b9c117fb440e7e884bd2121ec3552306149318491b5080dd53cff", Generator::Virtualenv, "21.5.1", false),
    ("c0b21ae3c7ed4b5898bbbd1ca4b1c3f70c170316da2c06bee6be40d8ba0f2218", Generator::Virtualenv, "21.5.1", false),
    ("bfa9f70c51b9874e9a204bc43b63ae1413954638381626f97995b0e3b8bdfb75", Generator::Virtualenv, "21.7.0", false),
    ("0deb20ce37bb53860c6461544f684ead7f27a207988d9b2da3fe8cf24102df85", Generator::Virtualenv, "21.10.0", false),
    ("c94ebbe823eeb33f89357e6e290f44a4532b5a7e0d99c34abc00f7f232e09828", Generator::Virtualenv, "21.10.0", false),
    ("06a27273d152dfe4354f749539753bde45c82141bc666e09836f20958f1826f8", Generator::Virtualenv, "21.15.7", true),
    ("e1c2268acc5820077dfdab709fd23f096ab8925e3b23bfdf2903ccf1c1270be8", Generator::Virtualenv, "21.15.7", false),
];
